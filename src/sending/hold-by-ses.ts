/**
 * SES sends nothing for an account → the hold of its project, with who can lift it. Pure.
 *
 * The hold ends by itself after some minutes. The next send then asks SES again, so nobody has to tell Sesame that SES sends again.
 */
import type { Reason } from '../projects/hold.ts'
import type { Rejection } from './ses-failure.ts'

const heldMs = 5 * 60_000

const reasons: Partial<Readonly<Record<Rejection, string>>> = {
  'sending-paused':
    'SES has paused sending for the account or for its configuration set; the owner of the account resumes it, or AWS Support if AWS paused it',
  'account-suspended':
    'AWS has suspended the SES account; only AWS Support lifts that, in the case that AWS has opened',
}

/** @returns `undefined` if SES refused this mail only */
export function holdBySesOf(rejection: Rejection, now: Date): Reason | undefined {
  const why = reasons[rejection]
  return why === undefined ? undefined : { since: now, why, until: new Date(now.getTime() + heldMs) }
}
