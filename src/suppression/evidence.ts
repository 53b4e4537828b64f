/**
 * An event → the evidence about each address that it names. Pure.
 *
 * Everything is evidence that an event says about an address, also what proves nothing against it: rules can change, and stored evidence is judged
 * again.
 */
import type { NonEvent, SesEvent } from '../intake/event.ts'
import { type BounceFacts, bounceFindingOf } from './bounce-finding.ts'
import { type EvidenceKind, isUncounted, type UncountedKind } from './evidence-kinds.ts'
import { feedbackTypeRows } from './sub-types.ts'

type Bounce = Extract<SesEvent, { type: 'Bounce' }>['bounce']
type Complaint = Extract<SesEvent, { type: 'Complaint' }>['complaint']

/** What one event proves about one address. */
export type Evidence = {
  readonly kind: EvidenceKind
  readonly at: Date
  readonly feedbackId: string
  /**
   * Bounce type and sub-type, or the type of complaint: `Permanent/NoEmail`, `abuse`. The action follows if delivery did not fail:
   * `Permanent/General/delayed`.
   */
  readonly cause: string
  /** Enhanced status code of RFC 3463, such as `5.1.1`, or a reply code. */
  readonly status?: string
  /** Answer of the receiving server. Stored evidence keeps as much of it as fits. */
  readonly diagnostic?: string
}

/** The evidence of an event by address, or why it has none. */
export type EvidenceByAddress =
  | {
      readonly type: 'evidence'
      readonly byAddress: ReadonlyMap<string, Evidence>
      /** Why no rule counts any of it by default; absent if some of it counts. */
      readonly uncounted?: string
    }
  | { readonly type: 'ignored'; readonly why: string }

/** SES sent nothing because the account's or a tenant's list has the address: neither evidence nor part of a rate. */
const isEcho = (subType: string | undefined) =>
  subType !== undefined && /^On(?:Account|Tenant)SuppressionList$/.test(subType)

export function evidenceOf(event: SesEvent | NonEvent): EvidenceByAddress {
  switch (event.type) {
    case 'Bounce':
      return evidenceOfBounce(event.bounce)
    case 'Complaint':
      return evidenceOfComplaint(event.complaint)
    case 'NonEvent':
      return { type: 'ignored', why: event.reason }
    default:
      return { type: 'ignored', why: `${event.type} says nothing about suppression` }
  }
}

function evidenceOfBounce(bounce: Bounce): EvidenceByAddress {
  const { type, subType, at, feedbackId, recipients } = bounce
  return evidenceByAddress(
    recipients.map(({ address, action, status, diagnostic }): [string, Evidence] => {
      const facts: BounceFacts = { type, subType, action, status, diagnostic }
      const { kind } = bounceFindingOf(facts)
      const cause = kind === 'delayed' && action ? `${type}/${subType}/${action}` : `${type}/${subType}`
      return [address, { kind, at, feedbackId, cause, ...(status && { status }), ...(diagnostic && { diagnostic }) }]
    }),
  )
}

function evidenceOfComplaint(complaint: Complaint): EvidenceByAddress {
  const { at, feedbackId, feedbackType = '-', subType } = complaint
  const addresses = new Set(complaint.recipients.map(({ address }) => address))
  const named = addresses.size + (complaint.unreadable?.length ?? 0)
  const evidence: Evidence = isEcho(subType)
    ? { kind: 'echo', at, feedbackId, cause: `complaint/${subType}` }
    : {
        kind: kindOfComplaint(feedbackType, named > 1 ? 'uncertain' : 'complaint'),
        at,
        feedbackId,
        cause: feedbackType,
      }
  return evidenceByAddress([...addresses].map((address) => [address, evidence]))
}

/** @param otherwise the kind of a reader's complaint */
const kindOfComplaint = (feedbackType: string, otherwise: 'complaint' | 'uncertain'): EvidenceKind =>
  feedbackTypeRows.find((row) => row.feedbackType === feedbackType)?.decides ?? otherwise

/**
 * Whether SES itself puts the address on the account list because of this evidence: it lists what it calls permanent, whatever the reply says, but
 * not what it did not send.
 */
export const isListedBySes = ({ kind, cause }: Evidence): boolean =>
  cause.startsWith('Permanent/') && !['echo', 'guess', 'opt-out', 'global-list'].includes(kind)

const bounceCause = /^(Permanent|Transient|Undetermined|Unknown)\/([^/]+)(?:\/([^/]+))?$/

/**
 * The kind that the present rules of this folder give to stored facts. Evidence is judged again whenever it is read, so that evidence of an older
 * version follows the rules of today.
 * @param stored the kind by the place where it is stored
 */
export function kindOfStored(
  stored: EvidenceKind,
  { cause, status, diagnostic }: Omit<Evidence, 'kind'>,
): EvidenceKind {
  if (stored === 'not-spam' || cause.startsWith('complaint/')) return stored
  if (stored === 'complaint' || stored === 'uncertain') return kindOfComplaint(cause, stored)
  const [, type, subType, action] = bounceCause.exec(cause) ?? []
  if (type && subType) return bounceFindingOf({ type, subType, action, status, diagnostic }).kind
  return stored === 'unclear' || stored === 'report' ? kindOfComplaint(cause, 'uncertain') : stored
}

/** Of an address that an event names twice, the more serious evidence counts, in whichever order they come. */
function evidenceByAddress(named: readonly (readonly [string, Evidence])[]): EvidenceByAddress {
  const byAddress = new Map<string, Evidence>()
  for (const [address, evidence] of named) {
    const known = byAddress.get(address)
    if (!known || severity(evidence) > severity(known)) byAddress.set(address, evidence)
  }
  const all = [...byAddress.values()]
  const uncounted = all.map(({ kind, cause }) => (isUncounted(kind) ? whyUncounted(kind, cause) : ''))
  return uncounted.includes('')
    ? { type: 'evidence', byAddress }
    : { type: 'evidence', byAddress, uncounted: [...new Set(uncounted)].join(', ') }
}

const serious: readonly EvidenceKind[] = [
  'soft',
  'not-spam',
  'uncertain',
  'global-list',
  'rejected',
  'complaint',
  'hard',
]
/** Kinds that prove nothing are less than all that do, and have an order too. */
const severity = ({ kind, cause, status = '' }: Evidence): string =>
  `${String(serious.indexOf(kind) + 1).padStart(2, '0')} ${kind} ${status} ${cause}`

/** These texts are log outcomes. */
function whyUncounted(kind: UncountedKind, cause: string): string {
  switch (kind) {
    case 'echo':
      return `echo: ${cause.split('/')[1]}`
    case 'message':
      return `about the message: ${cause}`
    case 'blocked':
      return `about the sender or the receiver's policy: ${cause}`
    case 'opt-out':
      return `opt-out: ${cause}`
    case 'automatic-reply':
      return `automatic reply: ${cause}`
    case 'delayed':
      return `not failed: ${cause}`
    case 'guess':
      return `validation by SES: ${cause}`
    case 'report':
      return `report of a machine: ${cause}`
    case 'unclear':
      return `nothing about the address: ${cause}`
  }
}
