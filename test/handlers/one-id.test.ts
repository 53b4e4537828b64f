import { expect, test } from 'vitest'
import { startAws } from '../../local/aws.ts'
import { createManualClock } from '../../local/clock.ts'
import { customers, joinSesame } from '../../local/demo/customers.ts'
import { sendMail } from '../../local/demo/main-flow.ts'
import { registerCommands } from '../../src/cli/commands.ts'
import { operatorOf, run } from '../cli/operator.ts'

test('the log lines about an event, its verdict and the account list have the id of the event, and a ruling has none', async () => {
  const aws = await startAws({ clock: createManualClock(new Date('2026-03-04T05:06:07Z')) })
  const [acme] = customers
  await joinSesame(aws, await operatorOf(aws), acme)
  await sendMail(aws, acme)
  const linesOf = (name: string) =>
    aws.lambda.logLines(`sesame-dev-${name}`).map((line): Record<string, unknown> => JSON.parse(line))
  const recorded = linesOf('record-bounce').filter(({ outcome }) => outcome === 'recorded')
  expect(recorded.length).toBeGreaterThan(1)
  const [{ feedbackId, addresses }] = recorded as [Record<string, unknown>]
  expect(feedbackId).toMatch(/^0100[0-9a-f]{12}-/)
  const carried = linesOf('propagate-suppression').filter((line) => line.feedbackId === feedbackId)
  expect(carried).toMatchObject([{ outcome: 'suppressed there', project: 'acme', address: Object(addresses)[0] }])

  aws.clock.advance(1_000)
  await run(aws, registerCommands, 'suppress', 'acme', 'ada@customer.example', '--why', 'asked', '--by', 'joe')
  await aws.settled()
  expect(linesOf('propagate-suppression').at(-1)).toMatchObject({ outcome: 'suppressed there', project: 'acme' })
  expect(linesOf('propagate-suppression').at(-1)).not.toHaveProperty('feedbackId')
})
