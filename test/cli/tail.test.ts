import { EventEmitter } from 'node:events'
import { SESv2Client, SendEmailCommand } from '@aws-sdk/client-sesv2'
import { beforeAll, describe, expect, test, vi } from 'vitest'
import { type Aws, startAws } from '../../local/aws.ts'
import { createManualClock } from '../../local/clock.ts'
import { customers, joinSesame } from '../../local/demo/customers.ts'
import { registerCommands } from '../../src/cli/commands.ts'
import { createInterruptibleWait } from '../../src/cli/interruptible-wait.ts'
import { createProgram } from '../../src/cli/program.ts'
import type { StackAccess } from '../../src/cli/stack.ts'
import { UsageError } from '../../src/cli/usage-error.ts'
import { operatorOf, run } from './operator.ts'

const [acme, globex] = customers
const clock = createManualClock(new Date('2026-03-04T00:05:00.000Z'))

let aws: Aws
let stack: StackAccess
beforeAll(async () => {
  aws = await startAws({ clock })
  stack = await operatorOf(aws)
  for (const customer of customers) {
    await joinSesame(aws, stack, customer)
    await run(aws, registerCommands, 'project', 'set', customer.id, '--activity', 'delivery')
    await run(aws, registerCommands, 'configure', customer.id)
  }
}, 60_000)

/** Some time later, with a new session of the operator. */
async function later(milliseconds: number): Promise<void> {
  clock.advance(milliseconds)
  stack = await operatorOf(aws)
}

/** Sends a mail as the customer's administrator would with the AWS CLI. */
async function send({ id, account, domain }: (typeof customers)[number], to: string): Promise<string> {
  const ses = new SESv2Client(aws.clientConfig(aws.credentials.root(account)))
  const { MessageId = '' } = await ses.send(
    new SendEmailCommand({
      FromEmailAddress: `hello@${domain}`,
      Destination: { ToAddresses: [to] },
      ConfigurationSetName: `sesame-${id}`,
      Content: { Simple: { Subject: { Data: 'Hi' }, Body: { Text: { Data: 'Hi' } } } },
    }),
  )
  await aws.settled()
  return MessageId
}

/** Runs the command while something happens between its looks. It is interrupted after the last. */
async function tail(args: readonly string[], ...between: readonly (() => Promise<unknown>)[]): Promise<string[]> {
  const printed: string[] = []
  const waits = [...between]
  const program = createProgram(
    {
      stack: () => stack,
      print: (text) => printed.push(text),
      now: () => aws.clock.now(),
      wait: async () => {
        const next = waits.shift()
        await next?.()
        return next ? 'elapsed' : 'interrupted'
      },
    },
    { out: (text) => printed.push(text), error: () => {} },
  )
  await program.exitOverride().parseAsync(['tail', ...args], { from: 'user' })
  return printed
}

test('tail shows a bounce that happens while it runs, in the mail and on the list, once and with a masked address', async () => {
  await later(60 * 60_000)
  const lines = await tail(
    ['acme', '--last', '1'],
    () => send(acme, 'bounce@simulator.amazonses.com'),
    async () => clock.advance(1_000),
    () => send(acme, 'ada@customer.example'),
  )
  expect(lines).toEqual([
    '2026-03-04 01:05:00  acme          Send           b•••@simulator.amazonses.com',
    '2026-03-04 01:05:00  acme          Bounce         b•••@simulator.amazonses.com  Permanent General',
    '2026-03-04 01:05:00  acme          suppressed     b•••@simulator.amazonses.com  hard bounce, hard Permanent/General',
    '2026-03-04 01:05:01  acme          Send           a•••@customer.example',
    '2026-03-04 01:05:01  acme          Delivery       a•••@customer.example',
  ])
})

test('tail begins with the last events, and shows addresses and message ids to one who asks for them', async () => {
  await later(60 * 60_000)
  const id = await send(acme, 'bounce+two@simulator.amazonses.com')
  const [line = '', ...others] = await tail(['acme', '--last', '1', '--output', 'json', '--show-addresses'])
  expect(others).toEqual([])
  expect(JSON.parse(line)).toEqual({
    at: '2026-03-04T02:05:01.000Z',
    project: 'acme',
    event: 'Bounce',
    address: 'bounce+two@simulator.amazonses.com',
    detail: 'Permanent General',
    messageId: id,
  })
  expect(JSON.parse((await tail(['acme', '--last', '1', '--output', 'json']))[0] ?? '')).toMatchObject({
    address: 'b•••@simulator.amazonses.com',
  })
  expect(await tail(['acme', '--last', '1', '--output', 'csv'])).toEqual([
    'at,project,event,address,detail,message',
    `2026-03-04T02:05:01.000Z,acme,Bounce,b•••@simulator.amazonses.com,Permanent General,${id}`,
  ])
})

test('tail of all projects says whose each event is, and shows rulings of people', async () => {
  await later(60 * 60_000)
  const rule = (...args: string[]) => run(aws, registerCommands, ...args, '--why', 'asked by phone', '--by', 'joe')
  const lines = await tail(
    [],
    () => send(globex, 'complaint@simulator.amazonses.com'),
    () => rule('suppress', 'acme', 'ada@customer.example'),
    () => rule('reinstate', 'acme', 'ada@customer.example'),
  )
  expect(
    lines.filter((line) => !line.includes('  Send')).map((line) => line.slice(21).replaceAll(/ {2,}/g, ' | ')),
  ).toEqual([
    'globex | Delivery | c•••@simulator.amazonses.com',
    'globex | Complaint | c•••@simulator.amazonses.com | abuse',
    'globex | suppressed | c•••@simulator.amazonses.com | complaint, complaint abuse',
    'acme | suppressed | a•••@customer.example | manual, by joe: asked by phone',
    'acme | may be mailed | a•••@customer.example | by joe: asked by phone',
  ])
})

test('tail follows mail that was sent before midnight, but no mail that is older than --mail-age', async () => {
  await later(21 * 60 * 60_000 - 10 * 60_000 - (clock.now().getTime() - Date.parse('2026-03-04T03:00:00Z')))
  const before = await send(acme, 'ada@customer.example')
  clock.advance(15 * 60_000)
  const ids = async (age: string) =>
    (await tail(['acme', '--last', '99', '--output', 'json', '--mail-age', age])).map(
      (line) => JSON.parse(line).messageId,
    )
  expect(await ids('20')).toEqual([before, before])
  expect(await ids('10')).toEqual([])
})

test('a failure between two looks is waited out, and one that lasts ends the command', async () => {
  const real = stack.recentEvents
  let failures = 0
  const failing = (times: number) => {
    failures = times
    stack = {
      ...stack,
      recentEvents: (...args) => (failures-- > 0 ? Promise.reject(new Error('gone')) : real(...args)),
    }
  }
  const nothing = async () => {}
  const looks = [async () => failing(4), nothing, nothing, nothing, nothing]
  await expect(tail(['acme'], ...looks)).resolves.toBeDefined()
  stack = { ...stack, recentEvents: async () => Promise.reject(new Error('gone')) }
  await expect(tail(['acme'])).rejects.toThrow('gone')
  stack = { ...stack, recentEvents: real }
})

test('tail of all projects of a large stack asks for one', async () => {
  const many = Array.from({ length: 51 }, (_, i) => ({ ...acme, id: `p${i}` }))
  const before = stack
  stack = { ...before, projects: { ...before.projects, all: async () => many as never } }
  await expect(tail([])).rejects.toThrow(new UsageError('The stack has 51 projects. Follow one: sesame tail PROJECT'))
  stack = before
})

describe('waiting', () => {
  test.each(['SIGINT', 'SIGTERM'] as const)(
    'ends at once with %s, also if it arrives twice, and all later waits too',
    async (signal) => {
      vi.useFakeTimers()
      const exits: unknown[] = []
      const signals = Object.assign(new EventEmitter(), { exit: (code: unknown) => exits.push(code) })
      const wait = createInterruptibleWait(signals as never)
      const first = wait(5)
      await vi.advanceTimersByTimeAsync(5)
      expect(await first).toBe('elapsed')
      const waiting = wait(60_000)
      signals.emit(signal)
      signals.emit(signal)
      expect(await waiting).toBe('interrupted')
      const later = wait(60_000)
      await vi.advanceTimersByTimeAsync(0)
      expect(await later).toBe('interrupted')
      expect(exits).toEqual([])
      // A command that hangs in a request: the person presses Ctrl-C again.
      await vi.advanceTimersByTimeAsync(1_001)
      signals.emit(signal)
      expect(exits).toEqual([130])
      vi.useRealTimers()
    },
  )
})
