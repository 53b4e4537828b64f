/** The kinds of evidence. */

/**
 * Kinds that rules count:
 *
 * - `hard`: SES calls the bounce permanent, and nothing contradicts it
 * - `rejected`: SES calls the bounce transient or undetermined, but the code or the reply says that the address is bad
 * - `global-list`: SES sent nothing, because its global list has the address
 * - `soft`: any other bounce that is about the address
 * - `complaint`: a complaint that names this address alone
 * - `uncertain`: a complaint that names several addresses, of which one complained
 * - `not-spam`: the opposite of a complaint
 */
export const countedKinds = ['hard', 'rejected', 'global-list', 'soft', 'complaint', 'uncertain', 'not-spam'] as const

/**
 * Kinds that prove nothing against the address. They are stored all the same, because rules can change, and because they explain entries that SES
 * makes on the account list:
 *
 * - `blocked`: a refusal because of the sender, its reputation or rate, or a policy of the receiver
 * - `message`: a refusal of the message
 * - `opt-out`: the recipient left a contact list
 * - `automatic-reply`: a transient bounce that carries neither a status nor a reply
 * - `delayed`: delivery to this recipient is still being tried, or it did not fail
 * - `echo`: SES sent nothing, because the list of the account or of a tenant has the address
 * - `guess`: SES sent nothing, because its validation expects a bounce
 * - `report`: a report of a machine, not of the reader
 * - `unclear`: nothing can be concluded
 */
export const uncountedKinds = [
  'blocked',
  'message',
  'opt-out',
  'automatic-reply',
  'delayed',
  'echo',
  'guess',
  'report',
  'unclear',
] as const

export type UncountedKind = (typeof uncountedKinds)[number]
export type EvidenceKind = (typeof countedKinds)[number] | UncountedKind

const uncounted: ReadonlySet<EvidenceKind> = new Set(uncountedKinds)

/** Whether no rule counts the kind by default. */
export const isUncounted = (kind: EvidenceKind): kind is UncountedKind => uncounted.has(kind)
