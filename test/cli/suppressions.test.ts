import { beforeAll, describe, expect, test } from 'vitest'
import { type Aws, startAws } from '../../local/aws.ts'
import { createManualClock } from '../../local/clock.ts'
import { registerCommands } from '../../src/cli/commands.ts'
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
      /^gone@example\.com +suppressed +hard bounce +2026-03-01 10:00 +until reinstated +hard Permanent\/General$/m,
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
    const state = async () => JSON.parse((await sesame('check', 'acme', 'Gone <GONE@example.com>')).printed).state
    expect(await state()).toBe('suppressed')
    expect((await sesame('reinstate', 'acme', 'gone@example.com', '--why', 'new mailbox')).printed).toBe('recorded')
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
    expect((await sesame('list', 'acme')).printed).toMatch(/^new@example\.com +suppressed +manual +2026-03-02 12:00/m)
  })

  test('sesame suppress requires a reason and an address', async () => {
    await expect(sesame('suppress', 'acme', 'x@example.com')).rejects.toThrow('--why')
    await expect(sesame('suppress', 'acme', 'not an address', '--why', 'x')).rejects.toThrow(/address/)
  })
})
