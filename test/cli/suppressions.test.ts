import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { type Aws, startAws } from '../../local/aws.ts'
import { createManualClock } from '../../local/clock.ts'
import { registerCommands } from '../../src/cli/commands.ts'
import { importer } from '../../src/propagation/account-entry.ts'
import { isReservedName } from '../../src/suppression/stored-ruling.ts'
import { account, invoke, sesEvent, snsRecord } from '../suppression/feedback.ts'
import { run } from './operator.ts'

let aws: Aws
beforeAll(async () => {
  aws = await startAws({ clock: createManualClock(new Date('2026-03-02T12:00:00Z')) })
  await run(aws, registerCommands, 'project', 'add', 'acme', '--account', account, '--configuration-set', 'sesame-acme')
  for (const [address, kind] of [
    ['gone@example.com', 'hard'],
    ['full@example.com', 'soft'],
  ] as const)
    await invoke(aws, [
      snsRecord(
        sesEvent(
          { kind, addresses: [address], at: new Date('2026-03-01T10:00:00Z'), feedbackId: address },
          'sesame-acme',
        ),
      ),
    ])
})
const sesame = (...args: string[]) => run(aws, registerCommands, ...args)

describe('sesame list', () => {
  test('sesame list shows each suppressed address with reason and dates', async () => {
    const { printed } = await sesame('list', 'acme')
    expect(printed).toMatch(
      /^gone@example\.com +hard bounce +2026-03-01 10:00 +until reinstated +hard Permanent\/General$/m,
    )
    expect(printed).not.toContain('full@example.com')
  })

  test('sesame list shows all addresses with evidence with --all, and one JSON object per line with --json', async () => {
    expect((await sesame('list', 'acme', '--all')).printed).toMatch(
      /^full@example\.com +clear +soft Transient\/General$/m,
    )
    expect(JSON.parse((await sesame('list', 'acme', '--json')).printed)).toMatchObject({
      address: 'gone@example.com',
      verdict: { reason: 'hard bounce' },
    })
  })

  test('sesame list refuses a project that does not exist and names the command that adds it', async () => {
    await expect(sesame('list', 'nobody')).rejects.toThrow(
      'project nobody does not exist: add it with sesame project add',
    )
  })
})

describe('sesame suppress and reinstate', () => {
  test('sesame reinstate overrides existing evidence, and later evidence overrides it', async () => {
    const state = async () =>
      JSON.parse((await sesame('check', 'acme', 'Gone <GONE@example.com>', '--json')).printed).state
    expect(await state()).toBe('suppressed')
    expect((await sesame('reinstate', 'acme', 'gone@example.com', '--why', 'new mailbox')).printed).toMatch(
      /^recorded: gone@example\.com reinstated in acme by \S+: new mailbox$/,
    )
    expect(await state()).toBe('clear')
    const later = {
      kind: 'hard' as const,
      addresses: ['gone@example.com'],
      at: new Date('2026-03-02T12:00:00.001Z'),
      feedbackId: 'later',
    }
    await invoke(aws, [snsRecord(sesEvent(later, 'sesame-acme'))])
    expect(await state()).toBe('suppressed')
  })

  test('sesame suppress suppresses an address without evidence', async () => {
    await sesame('suppress', 'acme', 'new@example.com', '--why', 'asked by phone', '--by', 'alice')
    expect((await sesame('list', 'acme')).printed).toMatch(/^new@example\.com +manual +2026-03-02 12:00/m)
  })

  test('sesame suppress requires a reason and an address', async () => {
    await expect(sesame('suppress', 'acme', 'x@example.com')).rejects.toThrow('--why')
    await expect(sesame('suppress', 'acme', 'not an address', '--why', 'x')).rejects.toThrow(/address/)
  })

  test.each([
    ['an empty reason', ['--why', ' '], "option '--why <text>' argument ' ' is invalid"],
    ['an empty name', ['--why', 'x', '--by', ''], "option '--by <name>' argument '' is invalid"],
    ['a name that Sesame uses', ['--why', 'x', '--by', 'Account-List'], 'Sesame itself uses this name'],
    ['neither an address nor a file', ['--why', 'x'], 'Name an address, or a file with --from'],
  ])('sesame suppress refuses %s', async (_, args, message) => {
    const address = message.startsWith('Name') ? [] : ['y@example.com']
    await expect(sesame('suppress', 'acme', ...address, ...args)).rejects.toThrow(message)
    expect((await sesame('check', 'acme', 'y@example.com')).code).toBe(0)
  })

  test('every name under which Sesame itself rules is reserved', () => {
    expect(isReservedName(importer)).toBe(true)
    expect(isReservedName('ann')).toBe(false)
  })

  test('sesame suppress --from suppresses every address of a file and names the lines that are none', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'sesame-from-')), 'list.csv')
    writeFileSync(
      file,
      '\ufeffone@example.com\n\n"two@example.com",hard bounce,2026-01-01\nnot an address\nThree <three@example.com>\n',
    )
    const { printed, code } = await sesame(
      'suppress',
      'acme',
      '--from',
      file,
      '--why',
      'former provider',
      '--by',
      'ann',
    )
    expect(printed.split('\n')).toEqual([
      'line 4: not an address is no address',
      'recorded: 3 addresses suppressed in acme by ann: former provider',
    ])
    expect(code).toBe(1)
    const addresses = ['one', 'two', 'three'].map((name) => `${name}@example.com`)
    const checked = await sesame('check', 'acme', ...addresses, '--output', 'csv')
    expect(checked.printed.match(/suppressed,manual/g)).toHaveLength(3)
    await expect(sesame('suppress', 'acme', '--from', `${file}.missing`, '--why', 'x')).rejects.toThrow(
      'does not exist',
    )
  })
})

describe('sesame check', () => {
  test('sesame check says in words whether an address may be mailed, and exits with 3 if it may not', async () => {
    expect(await sesame('check', 'acme', 'nobody@example.com')).toEqual({
      printed: 'nobody@example.com: may be mailed by acme. There is no evidence against it.',
      ok: true,
      code: 0,
    })
    await sesame('suppress', 'acme', 'ruled@example.com', '--why', 'asked by phone', '--by', 'ann')
    await sesame('reinstate', 'acme', 'ruled@example.com', '--why', 'asked again', '--by', 'bob')
    aws.clock.advance(1)
    await sesame('suppress', 'acme', 'ruled@example.com', '--why', 'legal department', '--by', 'eve')
    const { printed, code } = await sesame('check', 'acme', 'ruled@example.com')
    expect(code).toBe(3)
    expect(printed).toMatch(
      /^ruled@example\.com: suppressed in acme since 2026-03-02 12:00 UTC, until it is reinstated\. Reason: manual\.$/m,
    )
    expect(printed).toMatch(/ruling +2026-03-02 12:00 +suppressed by ann: asked by phone/)
    expect(printed).toMatch(/ruling +2026-03-02 12:00 +reinstated by bob: asked again/)
    expect(printed).toMatch(/ruling +2026-03-02 12:00 +suppressed by eve: legal department/)
  })

  test('sesame check answers for several addresses, and one suppressed address decides the exit code', async () => {
    const { printed, code } = await sesame('check', 'acme', 'nobody@example.com', 'gone@example.com', '--output', 'csv')
    expect(printed).toContain('acme,nobody@example.com,clear,')
    expect(code).toBe(3)
  })
})

describe('the pages of sesame list', () => {
  test('sesame list --limit says how to go on, and --after goes on there', async () => {
    const first = await sesame('list', 'acme', '--limit', '1')
    const [, next = ''] = /There are more: sesame (list acme --limit 1 --after .+)$/.exec(first.printed) ?? []
    expect(next).not.toBe('')
    const second = await sesame(...next.split(' '))
    expect(second.printed.split('\n')[1]).not.toBe(first.printed.split('\n')[1])
    expect(second.printed.split('\n')[1]).toMatch(/@example\.com/)
  })

  test('sesame list filters by text and reason, and says so if nothing matches', async () => {
    await sesame('suppress', 'acme', 'needle@example.com', '--why', 'asked', '--by', 'ann')
    expect((await sesame('list', 'acme', '--match', 'NEEDLE', '--output', 'csv')).printed.split('\n')).toHaveLength(2)
    expect((await sesame('list', 'acme', '--match', 'needle', '--reason', 'complaint')).printed).toBe(
      'No address of acme matches.',
    )
    expect((await sesame('list', 'acme', '--match', 'needle')).printed).toMatch(/suppressed by ann: asked/)
  })
})
