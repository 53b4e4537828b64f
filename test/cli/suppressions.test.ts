import { beforeAll, describe, expect, it } from 'vitest'
import { type Aws, startAws } from '../../local/aws.ts'
import { createManualClock } from '../../local/clock.ts'
import { registerProject } from '../../src/cli/project.ts'
import { registerSuppressions } from '../../src/cli/suppressions.ts'
import { account, invoke, sesEvent, snsRecord } from '../suppression/feedback.ts'
import { run } from './operator.ts'

let aws: Aws
beforeAll(async () => {
  aws = await startAws({ clock: createManualClock(new Date('2026-03-02T12:00:00Z')) })
  await run(aws, registerProject, 'project', 'add', 'acme', '--account', account, '--configuration-set', 'sesame-acme')
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
const sesame = (...args: string[]) => run(aws, registerSuppressions, ...args)

describe('sesame list', () => {
  it('shows who is suppressed, why and since when', async () => {
    const { printed } = await sesame('list', 'acme')
    expect(printed).toMatch(
      /^gone@example\.com +suppressed +hard bounce +2026-03-01 10:00 +reinstated +hard Permanent\/General$/m,
    )
    expect(printed).not.toContain('full@example.com')
  })

  it('shows on request whom something is known of, and one JSON object a line', async () => {
    expect((await sesame('list', 'acme', '--all')).printed).toMatch(
      /^full@example\.com +clear +soft Transient\/General$/m,
    )
    expect(JSON.parse((await sesame('list', 'acme', '--json')).printed)).toMatchObject({
      address: 'gone@example.com',
      verdict: { reason: 'hard bounce' },
    })
  })

  it('refuses a project that does not exist, and says how to add it', async () => {
    await expect(sesame('list', 'nobody')).rejects.toThrow(
      'project nobody does not exist: add it with sesame project add',
    )
  })
})

describe('sesame suppress and reinstate', () => {
  it('overrule what is known so far, and are overruled by what comes later', async () => {
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

  it('suppress an address that nothing is known of', async () => {
    await sesame('suppress', 'acme', 'new@example.com', '--why', 'asked by phone', '--by', 'alice')
    expect((await sesame('list', 'acme')).printed).toMatch(/^new@example\.com +suppressed +manual +2026-03-02 12:00/m)
  })

  it('demand a reason and an address', async () => {
    await expect(sesame('suppress', 'acme', 'x@example.com')).rejects.toThrow('--why')
    await expect(sesame('suppress', 'acme', 'not an address', '--why', 'x')).rejects.toThrow(/address/)
  })
})
