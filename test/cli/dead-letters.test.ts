import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { beforeEach, describe, expect, test } from 'vitest'
import { type Aws, startAws } from '../../local/aws.ts'
import { createManualClock } from '../../local/clock.ts'
import { registerCommands } from '../../src/cli/commands.ts'
import { assume, failure } from '../local/sign-in.ts'
import { account, route, sesEvent } from '../suppression/feedback.ts'
import { run } from './operator.ts'

let aws: Aws
let clock: ReturnType<typeof createManualClock>
beforeEach(async () => {
  clock = createManualClock(new Date('2026-03-02T12:00:00Z'))
  aws = await startAws({ account, clock })
  await route(aws, 'sesame-acme', 'acme')
})

const publish = (message: unknown) =>
  aws.callAsService(
    'ses.amazonaws.com',
    { sourceAccount: account, sourceArn: `arn:aws:ses:us-east-1:${account}:configuration-set/sesame-acme` },
    'sns',
    'Publish',
    {
      TopicArn: `arn:aws:sns:us-east-1:${aws.account}:sesame-dev-bounces`,
      Message: typeof message === 'string' ? message : JSON.stringify(message),
    },
  )
const bounceOf = (address: string, set: string) =>
  sesEvent({ kind: 'hard', addresses: [address], at: new Date('2026-03-01T10:00:00Z'), feedbackId: address }, set)

/** Two events that no project owns, and one that is none. */
async function threeLetters(): Promise<void> {
  await publish(bounceOf('one@example.com', 'sesame-globex'))
  await publish(bounceOf('two@example.com', 'sesame-globex'))
  await publish('{"eventType":"Bounce"}')
  await aws.settled()
}
const deadLetters = (...args: string[]) => run(aws, registerCommands, 'dead-letters', ...args)
const each = async (...args: string[]): Promise<{ id: string; cause: string; project?: string }[]> => {
  const { printed } = await deadLetters('list', '--each', '--json', ...args)
  return printed
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line))
}

describe('sesame dead-letters', () => {
  test('sesame dead-letters counts the letters by cause and project, and says so if there is none', async () => {
    expect((await deadLetters()).printed).toBe('There is no dead letter.')
    await threeLetters()
    const { printed, code } = await deadLetters('list')
    expect(printed).toMatch(/^count +project +cause +oldest +queue +one of them$/m)
    expect(printed).toMatch(/^2 +- +UnownedEventError: No project owns .* 2026-03-02 12:00 +record-bounce/m)
    expect(printed).toMatch(/^1 +- +MalformedEventError: /m)
    expect(code).toBe(0)
  })

  test('sesame dead-letters show prints one letter with its event, and refuses an id that no letter has', async () => {
    await threeLetters()
    const [letter] = await each('--cause', 'unowned')
    const shown = await deadLetters('show', letter?.id ?? '')
    expect(shown.printed).toMatch(/(one|two)@example\.com/)
    expect(JSON.parse(shown.printed)).toMatchObject({ id: letter?.id, event: 'Bounce' })
    await expect(deadLetters('show', 'nope')).rejects.toThrow('No queue has a dead letter nope')
  })

  test('sesame dead-letters drop deletes the letters of a cause, and no others', async () => {
    await threeLetters()
    await expect(deadLetters('drop', '--yes')).rejects.toThrow(
      'Name the dead letters by id, --cause, --project or --queue',
    )
    await expect(deadLetters('drop', '--cause', 'Malformed')).rejects.toThrow(/their events are lost.*add --yes/)
    expect(await each()).toHaveLength(3)
    const { printed, code } = await deadLetters('drop', '--cause', 'malformed', '--yes')
    expect(printed).toMatch(/^dropped 1$/m)
    expect(code).toBe(0)
    expect((await each()).map(({ cause }) => cause.split(':')[0])).toEqual(['UnownedEventError', 'UnownedEventError'])
    expect(await deadLetters('drop', 'nope', '--yes')).toMatchObject({
      code: 1,
      printed: expect.stringMatching(/^No dead letter matches/),
    })
  })

  test('sesame dead-letters replay applies the letters of a project that was added since', async () => {
    await threeLetters()
    await route(aws, 'sesame-globex', 'globex')
    clock.advance(60_000)
    const { printed, code } = await deadLetters('replay', '--project', 'globex')
    expect(printed.match(/globex +applied/g)).toHaveLength(2)
    expect(code).toBe(0)
    expect(await each()).toHaveLength(1)
    const rest = await deadLetters('replay', '--yes')
    expect(rest.printed).toMatch(/failed +.*MalformedEventError|failed +/)
    expect(rest.code).toBe(1)
  })

  test('the operator may not take messages from the queues, which only the function may', async () => {
    await threeLetters()
    const RoleArn = `arn:aws:iam::${aws.account}:role/sesame/sesame-dev-us-east-1-operator`
    const sqs = new SQSClient(aws.clientConfig(await assume(aws, aws.credentials.root(aws.account), { RoleArn })))
    const QueueUrl = `${aws.clientConfig(aws.credentials.root(aws.account)).endpoint}/${aws.account}/sesame-dev-record-bounce-dead-letters`
    expect(await failure(sqs.send(new ReceiveMessageCommand({ QueueUrl })))).toMatchObject({
      name: expect.stringMatching(/AccessDenied/),
    })
    expect(await each()).toHaveLength(3)
  })
})
