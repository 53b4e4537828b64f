/**
 * One call of AssumeRole → table of role uses, and an alarm if the use is unexpected.
 *
 * An item records that the alarm was raised, so a repeated record does not raise it again. After a crash between the two it is raised again,
 * with the same id.
 */
import { createHash } from 'node:crypto'
import type { Publish } from '../events/bus.ts'
import { roleUseEventOf } from '../events/role-use-event.ts'
import { probingRoles } from './intended-uses.ts'
import { type AuditedStack, type ConnectionsOf, judgeUse, roleNameOf } from './judge-use.ts'
import type { UseKeeper } from './keep-use.ts'
import type { Caller, RoleCall } from './role-call.ts'
import type { Use } from './uses.ts'

/** So many refusals of one role to one caller raise an alarm, if they fall within the same ten minutes of the clock. */
const burst = { refusals: 5, minutes: 10 } as const
const burstMs = burst.minutes * 60_000

type RecordOutcome = {
  readonly outcome: 'ignored: not a role of ours' | 'recorded' | 'already recorded'
  readonly role?: string
  readonly verdict?: Use['verdict']
  readonly why?: string
}

type UseRecorderDependencies = {
  readonly uses: UseKeeper
  readonly publish: Publish
  readonly stack: AuditedStack
  readonly connectionsOf: ConnectionsOf
}

/** @returns call → its outcome. Idempotent; throws if the table or the event bus does not accept a write */
export function createUseRecorder({ uses, publish, stack, connectionsOf }: UseRecorderDependencies) {
  async function raiseOnce(use: Use, key: string): Promise<void> {
    if (await uses.isRaised(use, key)) return
    await publish([roleUseEventOf(idOf(use.role, key), use)])
    await uses.noteRaised(use, key)
  }

  /** Counts the refusals in the table: in whatever order records arrive, the last of a burst finds all others. */
  async function watchForBurst(use: Use): Promise<void> {
    const start = new Date(Math.floor(use.at.getTime() / burstMs) * burstMs)
    let refusals = 0
    for await (const other of uses.ofRole(use.role, start, new Date(start.getTime() + burstMs)))
      if (other.event !== undefined && other.refused !== undefined && other.by === use.by) refusals++
    if (refusals < burst.refusals) return
    const why = `refused ${burst.refusals} times or more within ${burst.minutes} minutes`
    const burstUse: Use = { role: use.role, at: start, by: use.by, verdict: 'unexpected', why }
    const key = `${start.toISOString()}#often#${idOf(use.role, use.by).slice(0, 16)}`
    await uses.putOnce(burstUse, key)
    await raiseOnce(burstUse, key)
  }

  return async (call: RoleCall): Promise<RecordOutcome> => {
    const role = roleNameOf(call.roleArn, call, stack)
    if (role === undefined) return { outcome: 'ignored: not a role of ours' }
    const by = callerNameOf(call.caller, call, stack)
    const { at, id: event, from, sessionName: session, refused } = call
    const judgement = await judgeUse(call, stack, connectionsOf)
    const judged: Use = { role, at, event, by, from, session, refused, ...judgement }
    const key = `${at.toISOString()}#${event}`
    const known = await uses.putOnce(judged, key)
    // The first judgement stays: the connection may have changed since.
    const use = known ?? judged
    if (use.verdict === 'unexpected') await raiseOnce(use, key)
    if (refused !== undefined && !probingRoles.some((name) => by === `role ${name}`)) await watchForBurst(use)
    const { verdict, why } = use
    return {
      outcome: known ? 'already recorded' : 'recorded',
      role,
      verdict,
      ...(why !== undefined && { why }),
    }
  }
}

function callerNameOf(caller: Caller, call: RoleCall, stack: AuditedStack): string {
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
