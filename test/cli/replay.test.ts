import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { type Aws, startAws } from '../../local/aws.ts'
import { createManualClock } from '../../local/clock.ts'
import { registerReplay } from '../../src/cli/replay.ts'
import { account, type Feedback, route, sesEvent, table } from '../suppression/feedback.ts'
import { fileReplay, run } from './operator.ts'

let aws: Aws
let clock: ReturnType<typeof createManualClock>
const folder = mkdtempSync(join(tmpdir(), 'sesame-replay-'))
afterAll(() => rmSync(folder, { recursive: true }))
beforeEach(async () => {
  clock = createManualClock(new Date('2026-03-02T12:00:00Z'))
  aws = await startAws({ account, clock, env: fileReplay })
  await route(aws, 'sesame-acme', 'acme')
})

const feedback = (address: string, kind: Feedback['kind'] = 'hard'): Feedback => ({
  kind,
  addresses: [address],
  at: new Date('2026-03-01T10:00:00Z'),
  feedbackId: `feedback-${address}`,
})
const publish = (event: object, topic: 'bounces' | 'complaints' = 'bounces') =>
  aws.callAsService(
    'ses.amazonaws.com',
    { sourceAccount: account, sourceArn: `arn:aws:ses:us-east-1:${account}:configuration-set/sesame-acme` },
    'sns',
    'Publish',
    { TopicArn: `arn:aws:sns:us-east-1:${aws.account}:sesame-dev-${topic}`, Message: JSON.stringify(event) },
  )
const replay = (...args: string[]) => run(aws, registerReplay, 'replay', ...args)
const listed = async () =>
  (await aws.dynamodb.items(table)).map(({ project, address }) => `${project?.S} ${address?.S}`)

describe('sesame replay', () => {
  test('sesame replay applies dead letters whose project was added since, and deletes them from their queues', async () => {
    await publish(sesEvent(feedback('late@example.com'), 'sesame-globex'))
    await publish(sesEvent(feedback('cross@example.com', 'complaint'), 'sesame-globex'), 'complaints')
    await aws.settled()
    expect(await listed()).toEqual([])

    const first = await replay('--yes')
    expect(first.ok).toBe(false)
    expect(first.printed).toContain('No project owns account 111122223333 with configuration set sesame-globex')
    expect(first.printed).toMatch(/failed +2/)

    await route(aws, 'sesame-globex', 'globex')
    // A missing route is cached for a few seconds.
    clock.advance(60_000)
    expect(await replay('--yes')).toEqual({
      ok: true,
      code: 0,
      printed: expect.stringMatching(/applied +2\nignored +0\nfailed +0/),
    })
    expect(await listed()).toEqual(['globex cross@example.com', 'globex late@example.com'])
    expect(await replay('--yes')).toEqual({ ok: true, code: 0, printed: expect.stringMatching(/applied +0/) })
  })

  test('sesame replay applies notifications that SNS could not deliver', async () => {
    const permissions = aws.lambda.functions.get('sesame-dev-record-bounce')?.permissions
    const before = permissions?.splice(0) ?? []
    await publish(sesEvent(feedback('undelivered@example.com'), 'sesame-acme'))
    await aws.settled()
    expect(await listed()).toEqual([])
    permissions?.push(...before)
    expect((await replay('--yes')).printed).toMatch(/applied +1/)
    expect(await listed()).toEqual(['acme undelivered@example.com'])
  })

  test('sesame replay applies an archive idempotently and prints why it ignored events', async () => {
    const echo = sesEvent(feedback('echo@example.com'), 'sesame-acme')
    const lines = [
      sesEvent(feedback('annoyed@example.com', 'complaint'), 'sesame-acme'),
      sesEvent(feedback('a@example.com'), 'sesame-acme'),
      sesEvent(feedback('b@example.com', 'soft'), 'sesame-acme'),
      { ...echo, bounce: { ...Object(echo).bounce, bounceSubType: 'OnAccountSuppressionList' } },
      { eventType: 'Delivery', mail: Object(echo).mail, delivery: {} },
    ]
    const archive = join(folder, 'archive.ndjson')
    writeFileSync(archive, lines.map((line) => JSON.stringify(line)).join('\n'))
    const { printed, ok } = await replay(archive)
    expect(ok).toBe(true)
    expect(printed).toMatch(/applied +3\nignored +2/)
    expect(printed).toContain('1 echo: OnAccountSuppressionList')
    expect(printed).toContain('1 Delivery says nothing about suppression')
    await aws.settled()
    const before = await aws.dynamodb.items(table)
    await replay(archive)
    await aws.settled()
    expect(await aws.dynamodb.items(table)).toEqual(before)
  })

  test('sesame replay continues after an unreadable file, names it, and exits with 1', async () => {
    const broken = join(folder, 'broken.json')
    const good = join(folder, 'good.json')
    writeFileSync(broken, '{"eventType":"Bounce","mail":{"destination":["hidden@example.com"')
    writeFileSync(good, JSON.stringify(sesEvent(feedback('good@example.com'), 'sesame-acme')))
    const { printed, ok } = await replay(broken, good, join(folder, 'missing.json'))
    expect(ok).toBe(false)
    expect(printed).toMatch(/applied +1\nignored +0\nfailed +2/)
    expect(printed).toContain(broken)
    expect(printed).toContain('missing.json')
    expect(printed).not.toContain('hidden@')
    expect(await listed()).toEqual(['acme good@example.com'])
  })

  test('sesame replay applies the good events of a list whatever stands beside them', async () => {
    const good = (name: string) => sesEvent(feedback(`${name}@example.com`), 'sesame-acme')
    const file = join(folder, 'list.json')
    writeFileSync(file, JSON.stringify([good('one'), { eventType: 'Bounce' }, good('two'), good('three')]))
    const { printed, code } = await replay(file)
    expect(printed).toMatch(/applied +3\nignored +0\nfailed +1/)
    expect(code).toBe(1)
    expect(await listed()).toEqual(['acme one@example.com', 'acme three@example.com', 'acme two@example.com'])
  })

  test('sesame replay without a path replays nothing unless it is confirmed', async () => {
    await publish(sesEvent(feedback('late@example.com'), 'sesame-globex'))
    await aws.settled()
    await expect(replay()).rejects.toThrow(/All dead letters are replayed.*To do it, add --yes/)
    expect((await replay('--yes')).printed).toMatch(/failed +1/)
  })

  test('sesame replay --json prints one JSON object per record', async () => {
    const file = join(folder, 'one.json')
    writeFileSync(file, JSON.stringify(sesEvent(feedback('json@example.com'), 'sesame-acme')))
    expect(JSON.parse((await replay('--json', file)).printed)).toEqual({ source: file, outcome: 'applied', why: '' })
  })

  test('sesame replay of a file is refused without the deployment’s permission, and says how to get it, while dead letters are replayed', async () => {
    aws = await startAws({ account, clock })
    await route(aws, 'sesame-acme', 'acme')
    const file = join(folder, 'forged.json')
    writeFileSync(file, JSON.stringify(sesEvent(feedback('forged@example.com'), 'sesame-acme')))
    await expect(replay(file)).rejects.toThrow(/The replay of files is off: .* SESAME_FILE_REPLAY_UNTIL=TIME/)
    expect(await listed()).toEqual([])

    await publish(sesEvent(feedback('late@example.com'), 'sesame-globex'))
    await aws.settled()
    await route(aws, 'sesame-globex', 'globex')
    clock.advance(60_000)
    expect((await replay('--yes')).printed).toMatch(/applied +1/)
  })

  test('sesame replay of a file is refused after the time until which the deployment permits it', async () => {
    aws = await startAws({ account, clock, env: { SESAME_FILE_REPLAY_UNTIL: '2026-03-02T13:00:00Z' } })
    await route(aws, 'sesame-acme', 'acme')
    const file = join(folder, 'in-time.json')
    writeFileSync(file, JSON.stringify(sesEvent(feedback('in-time@example.com'), 'sesame-acme')))
    expect((await replay(file)).printed).toMatch(/applied +1/)
    clock.advance(3_600_001)
    await expect(replay(file)).rejects.toThrow('The replay of files is off')
  })
})
