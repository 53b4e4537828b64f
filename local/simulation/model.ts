/**
 * What the suppression list should say, by a model of another design: it keeps everything that happened in one list, and walks through it in the
 * order of time. Sesame keeps the latest of each kind, and computes the verdict from that.
 *
 * It knows only what can happen in a simulation, by the defaults of docs/suppression.md.
 */
import type { PublishedEvent } from './history.ts'

export type Happening = {
  readonly atMs: number
  readonly kind: 'hard bounce' | 'soft bounce' | 'complaint' | 'not spam' | 'suppress' | 'reinstate'
}

export type Expected = {
  readonly state: 'suppressed' | 'clear'
  readonly reason: 'complaint' | 'hard bounce' | 'manual' | 'soft bounces' | undefined
}

const dayMs = 86_400_000

/** Of two at the same millisecond, the one that overrules comes later. */
const order: readonly Happening['kind'][] = [
  'hard bounce',
  'soft bounce',
  'complaint',
  'not spam',
  'suppress',
  'reinstate',
]

export function expectedOf(happenings: readonly Happening[], nowMs: number): Expected {
  let hard = false
  let complaint = false
  let manual = false
  let soft: number[] = []
  const inOrder = happenings.toSorted((a, b) => a.atMs - b.atMs || order.indexOf(a.kind) - order.indexOf(b.kind))
  for (const { kind, atMs } of inOrder) {
    if (kind === 'hard bounce') hard = true
    else if (kind === 'complaint') complaint = true
    else if (kind === 'not spam') complaint = false
    else if (kind === 'suppress') manual = true
    else if (kind === 'soft bounce') soft.push(atMs)
    else {
      hard = complaint = manual = false
      soft = []
    }
  }
  if (complaint) return { state: 'suppressed', reason: 'complaint' }
  if (hard) return { state: 'suppressed', reason: 'hard bounce' }
  if (manual) return { state: 'suppressed', reason: 'manual' }
  return softSuppresses(soft, nowMs)
    ? { state: 'suppressed', reason: 'soft bounces' }
    : { state: 'clear', reason: undefined }
}

/** Three different days within fourteen, and the last not longer than thirty days ago. */
function softSuppresses(times: readonly number[], nowMs: number): boolean {
  const days = [...new Set(times.map((time) => Math.floor(time / dayMs)))]
  return days.some((last) => {
    const within = days.filter((day) => day <= last && last - day < 14)
    return within.length >= 3 && nowMs - (last + 1) * dayMs < 30 * dayMs
  })
}

/** What an event of the simulated mailboxes says about its recipients. */
export function happeningsOf({ event }: PublishedEvent): { readonly address: string; readonly happening: Happening }[] {
  const { bounce, complaint } = event
  if (bounce) {
    const kind = kindOfBounce(bounce.bounceType, bounce.bounceSubType)
    const atMs = Date.parse(bounce.timestamp)
    return kind ? bounce.bouncedRecipients.map((one) => ({ address: one.emailAddress, happening: { kind, atMs } })) : []
  }
  if (!complaint || complaint.complaintSubType) return []
  const kind = complaint.complaintFeedbackType === 'not-spam' ? 'not spam' : 'complaint'
  const atMs = Date.parse(complaint.timestamp)
  return complaint.complainedRecipients.map((one) => ({ address: one.emailAddress, happening: { kind, atMs } }))
}

function kindOfBounce(type: string, subType: string): Happening['kind'] | undefined {
  if (type === 'Permanent') return subType.startsWith('On') ? undefined : 'hard bounce'
  return subType === 'MailboxFull' ? 'soft bounce' : undefined
}
