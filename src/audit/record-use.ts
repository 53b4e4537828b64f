/**
 * One record of CloudTrail → the table of role uses, and an alarm if the use was not to be expected.
 *
 * The alarm follows from the items and is noted in one of its own, so redelivery does not raise it again. Only a crash between
 * raising and noting can bring it twice; it has the same id then.
 */
import { createHash } from 'node:crypto'
import type { Alarm } from './alarm.ts'
import { proving } from './intended-uses.ts'
import { type AuditedStack, judgeUse, type KnownConnection, roleNameOf } from './judge-use.ts'
import type { UseKeeper } from './keep-use.ts'
import type { Caller, RoleCall } from './role-call.ts'
import type { Use } from './uses.ts'

/** So many refusals of one role to one caller within the same ten minutes of the clock are a burst. */
const burst = { refusals: 5, minutes: 10 } as const
const spanMs = burst.minutes * 60_000

export type RecordedUse = {
  readonly outcome: 'ignored: not a role of ours' | 'recorded' | 'already recorded'
  readonly role?: string
  readonly verdict?: Use['verdict']
  readonly why?: string
}

type Audit = {
  readonly uses: UseKeeper
  readonly alarm: Alarm
  readonly stack: AuditedStack
  readonly connectionOf: (project: string) => Promise<KnownConnection | undefined>
}

export function createUseRecorder({ uses, alarm, stack, connectionOf }: Audit) {
  async function raiseOnce(use: Use, key: string): Promise<void> {
    if (await uses.isRaised(use, key)) return
    await alarm(use, idOf(use.role, key))
    await uses.noteRaised(use, key)
  }

  /** Counts what stands in the table, so the last to be recorded finds the burst, whichever it is. */
  async function watchForBurst(use: Use): Promise<void> {
    const start = new Date(Math.floor(use.at.getTime() / spanMs) * spanMs)
    let refusals = 0
    for await (const other of uses.ofRole(use.role, start, new Date(start.getTime() + spanMs)))
      if (other.event !== undefined && other.refused !== undefined && other.by === use.by) refusals++
    if (refusals < burst.refusals) return
    const why = `refused ${burst.refusals} times or more within ${burst.minutes} minutes`
    const many: Use = { role: use.role, at: start, by: use.by, verdict: 'unexpected', why }
    const key = `${start.toISOString()}#often#${idOf(use.role, use.by).slice(0, 16)}`
    await uses.putOnce(many, key)
    await raiseOnce(many, key)
  }

  return async (call: RoleCall): Promise<RecordedUse> => {
    const role = roleNameOf(call.roleArn, call, stack)
    if (role === undefined) return { outcome: 'ignored: not a role of ours' }
    const by = namedCaller(call.caller, call, stack)
    const { at, id: event, from, sessionName: session, refused } = call
    const judgement = await judgeUse(call, stack, connectionOf)
    const found: Use = { role, at, event, by, from, session, refused, ...judgement }
    const key = `${at.toISOString()}#${event}`
    const known = await uses.putOnce(found, key)
    // What was connected then may not be now: the first judgement stays.
    const use = known ?? found
    if (use.verdict === 'unexpected') await raiseOnce(use, key)
    if (refused !== undefined && !proving.some((one) => by === `role ${one}`)) await watchForBurst(use)
    const { verdict, why } = use
    return {
      outcome: known ? 'already recorded' : 'recorded',
      role,
      verdict,
      ...(why !== undefined && { why }),
    }
  }
}

function namedCaller(caller: Caller, call: RoleCall, stack: AuditedStack): string {
  switch (caller.kind) {
    case 'service':
      return caller.service
    case 'role':
      return `role ${roleNameOf(caller.arn, call, stack) ?? caller.arn}`
    case 'person':
      return `person ${caller.name}`
    case 'account':
      return `account ${caller.account}`
  }
}

const idOf = (...parts: readonly string[]) =>
  createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32)
