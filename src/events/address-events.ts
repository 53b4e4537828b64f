/**
 * `Address Suppressed` and `Address Reinstated`: the verdict on an address has changed.
 *
 * The id of an event follows from its content, so a subscriber recognises a repeated event. A suppression that expires says so in `until`;
 * no second event follows when it does.
 */
import { createHash } from 'node:crypto'
import * as v from 'valibot'
import type { Verdict } from '../suppression/judge.ts'

const id = v.pipe(
  v.string(),
  v.regex(/^[0-9a-f]{32}$/),
  v.description('The same each time the same event is published'),
)
const project = v.pipe(v.string(), v.description('Id of the project'))
const address = v.pipe(
  v.string(),
  v.description('The address in lower case; an international domain in its ASCII form'),
)
const reasons = v.picklist(['complaint', 'hard bounce', 'manual', 'soft bounces'])
const time = v.pipe(v.string(), v.isoTimestamp())

export const AddressSuppressed = v.pipe(
  v.strictObject({
    id,
    project,
    address,
    reason: v.pipe(reasons, v.description('The most serious of the reasons in force')),
    since: v.pipe(time, v.description('Start of the first reason in force')),
    until: v.optional(v.pipe(time, v.description('Expiry; absent if the address stays suppressed until reinstated'))),
    uncertain: v.pipe(
      v.boolean(),
      v.description('Whether the only evidence is complaints that name several recipients, of whom one complained'),
    ),
  }),
  v.description(
    'An address must not be mailed for a project any more, or its suppression has a new reason or another expiry.',
  ),
)

export const AddressReinstated = v.pipe(
  v.strictObject({
    id,
    project,
    address,
    reason: v.pipe(reasons, v.description('Reason of the suppression that ended')),
    since: v.pipe(time, v.description('Start of the suppression that ended')),
  }),
  v.description('An address may be mailed again: a person reinstated it, or a not-spam report cancelled a complaint.'),
)

type Suppressed = Extract<Verdict, { state: 'suppressed' }>

type AddressEvent =
  | { readonly type: 'Address Suppressed'; readonly detail: v.InferOutput<typeof AddressSuppressed> }
  | { readonly type: 'Address Reinstated'; readonly detail: v.InferOutput<typeof AddressReinstated> }

/** The event that a change of the verdict gives rise to; `undefined` if subscribers would learn nothing new. */
export function addressEventOf(
  projectId: string,
  ofAddress: string,
  before: Verdict,
  after: Verdict,
): AddressEvent | undefined {
  if (after.state === 'suppressed') {
    const event = suppressedEventOf(projectId, ofAddress, after)
    const isNews =
      before.state === 'clear' || suppressedEventOf(projectId, ofAddress, before).detail.id !== event.detail.id
    return isNews ? event : undefined
  }
  if (before.state === 'clear') return undefined
  const facts = { project: projectId, address: ofAddress, reason: before.reason, since: before.since.toISOString() }
  return { type: 'Address Reinstated', detail: { id: idOf('Address Reinstated', facts), ...facts } }
}

function suppressedEventOf(projectId: string, ofAddress: string, { reason, since, until, uncertain }: Suppressed) {
  const facts = {
    project: projectId,
    address: ofAddress,
    reason,
    since: since.toISOString(),
    ...(until && { until: until.toISOString() }),
    uncertain,
  }
  return { type: 'Address Suppressed', detail: { id: idOf('Address Suppressed', facts), ...facts } } as const
}

function idOf(type: string, facts: object): string {
  const inOrder = Object.entries(facts).sort(([a], [b]) => (a < b ? -1 : 1))
  return createHash('sha256')
    .update(JSON.stringify([type, inOrder]))
    .digest('hex')
    .slice(0, 32)
}
