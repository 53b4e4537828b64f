/**
 * An event → the evidence about each address that it names. Pure.
 *
 * This file decides only what no setting can change, because its decisions are stored. All else is decided by the verdict (judge.ts): rules can
 * change later, and stored evidence is judged again.
 * Sub-types and statuses: https://docs.aws.amazon.com/ses/latest/dg/notification-contents.html
 */
import type { NonEvent, SesEvent } from '../intake/event.ts'

type Bounce = Extract<SesEvent, { type: 'Bounce' }>['bounce']
type Complaint = Extract<SesEvent, { type: 'Complaint' }>['complaint']

/**
 * - `hard`: a permanent bounce
 * - `rejected`: SES calls the bounce transient or undetermined, but the status says that the address is bad (5.1.x)
 * - `soft`: any other bounce that is about the address
 * - `complaint`: a complaint that names this address alone
 * - `uncertain`: a complaint that names several addresses, of which one complained
 * - `not-spam`: the opposite of a complaint
 */
export type EvidenceKind = 'hard' | 'rejected' | 'soft' | 'complaint' | 'uncertain' | 'not-spam'

/** What one event proves about one address. */
export type Evidence = {
  readonly kind: EvidenceKind
  readonly at: Date
  readonly feedbackId: string
  /** Bounce type and sub-type, or the type of complaint: `Permanent/NoEmail`, `abuse`. */
  readonly cause: string
  /** Enhanced status code of RFC 3463, such as `5.1.1`. */
  readonly status?: string
  /** Answer of the receiving server. Stored evidence keeps as much of it as fits. */
  readonly diagnostic?: string
}

/** The evidence of an event by address, or why it has none. */
export type EvidenceByAddress =
  | { readonly type: 'evidence'; readonly byAddress: ReadonlyMap<string, Evidence> }
  | { readonly type: 'ignored'; readonly why: string }

/** SES sent nothing because the account's or a tenant's list has the address: neither evidence nor part of a rate. */
const echoes = new Set(['OnAccountSuppressionList', 'OnTenantSuppressionList'])

/** The server rejected the message, not the address. */
const aboutTheMessage = new Set(['MessageTooLarge', 'ContentRejected', 'AttachmentRejected'])

export function evidenceOf(event: SesEvent | NonEvent): EvidenceByAddress {
  switch (event.type) {
    case 'Bounce':
      return evidenceOfBounce(event.bounce)
    case 'Complaint':
      return evidenceOfComplaint(event.complaint)
    case 'NonEvent':
      return ignored(event.reason)
    default:
      return ignored(`${event.type} says nothing about suppression`)
  }
}

function evidenceOfBounce(bounce: Bounce): EvidenceByAddress {
  if (echoes.has(bounce.subType)) return ignored(`echo: ${bounce.subType}`)
  const cause = `${bounce.type}/${bounce.subType}`
  if (bounce.type !== 'Permanent' && aboutTheMessage.has(bounce.subType)) return ignored(`about the message: ${cause}`)
  return evidenceByAddress(
    bounce.recipients.map(({ address, status, diagnostic }) => [
      address,
      {
        kind: kindOfBounce(bounce.type, status),
        at: bounce.at,
        feedbackId: bounce.feedbackId,
        cause,
        ...(status && { status }),
        ...(diagnostic && { diagnostic }),
      },
    ]),
  )
}

/** The status decides before SES's type: `4.4.7` means that delivery was given up after hours, `5.1.x` that the address is bad. */
function kindOfBounce(type: string, status = ''): EvidenceKind {
  if (status === '4.4.7') return 'soft'
  if (type === 'Permanent') return 'hard'
  return status.startsWith('5.1.') ? 'rejected' : 'soft'
}

function evidenceOfComplaint(complaint: Complaint): EvidenceByAddress {
  if (complaint.subType && echoes.has(complaint.subType)) return ignored(`echo: ${complaint.subType}`)
  const addresses = new Set(complaint.recipients.map(({ address }) => address))
  const kind = complaint.feedbackType === 'not-spam' ? 'not-spam' : addresses.size > 1 ? 'uncertain' : 'complaint'
  const evidence = {
    kind,
    at: complaint.at,
    feedbackId: complaint.feedbackId,
    cause: complaint.feedbackType ?? '-',
  } as const
  return evidenceByAddress([...addresses].map((address) => [address, evidence]))
}

/** Of an address that an event names twice, the more serious evidence counts, in whichever order they come. */
function evidenceByAddress(named: (readonly [string, Evidence])[]): EvidenceByAddress {
  const byAddress = new Map<string, Evidence>()
  for (const [address, evidence] of named) {
    const known = byAddress.get(address)
    if (!known || severity[evidence.kind] > severity[known.kind]) byAddress.set(address, evidence)
  }
  return { type: 'evidence', byAddress }
}

const severity: Record<EvidenceKind, number> = {
  soft: 0,
  rejected: 1,
  hard: 2,
  'not-spam': 0,
  uncertain: 1,
  complaint: 2,
}

const ignored = (why: string): EvidenceByAddress => ({ type: 'ignored', why })
