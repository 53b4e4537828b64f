/**
 * What an event proves about each address that it names.
 *
 * Only facts that no setting can change are decided here, because what is decided here is what is stored; everything else waits for
 * the verdict (judge.ts), so that rules can be changed later and old evidence be judged anew.
 * Sub-types and statuses: https://docs.aws.amazon.com/ses/latest/dg/notification-contents.html
 */
import type { NonEvent, SesEvent } from '../intake/event.ts'

type Bounce = Extract<SesEvent, { type: 'Bounce' }>['bounce']
type Complaint = Extract<SesEvent, { type: 'Complaint' }>['complaint']

/**
 * - `hard`: a permanent bounce
 * - `rejected`: SES called it transient or undetermined, but the status says that the address is bad (5.1.x)
 * - `soft`: any other bounce that says something about the address
 * - `complaint`, `uncertain`: a complaint, which names this address alone, or several of whom one complained
 * - `not-spam`: the opposite of a complaint
 */
export type EvidenceKind = 'hard' | 'rejected' | 'soft' | 'complaint' | 'uncertain' | 'not-spam'

/** One proof about one address. */
export type Evidence = {
  readonly kind: EvidenceKind
  readonly at: Date
  readonly feedbackId: string
  /** Bounce type and sub-type, or the type of complaint: `Permanent/NoEmail`, `abuse`. */
  readonly cause: string
  /** Enhanced status code of RFC 3463, such as `5.1.1`. */
  readonly status?: string
  /** What the receiving server said, as far as there is room for it. */
  readonly diagnostic?: string
}

/** An event's evidence by address; or why it is none. */
export type EvidenceByAddress =
  | { readonly type: 'evidence'; readonly about: ReadonlyMap<string, Evidence> }
  | { readonly type: 'ignored'; readonly why: string }

/** SES sent nothing because a list of its own has the address already: neither evidence nor part of a rate. */
const echoes = new Set(['OnAccountSuppressionList', 'OnTenantSuppressionList'])

/** The mail was refused for what it was, not for whom it was sent to. */
const aboutTheMessage = new Set(['MessageTooLarge', 'ContentRejected', 'AttachmentRejected'])

export function evidenceOf(event: SesEvent | NonEvent): EvidenceByAddress {
  switch (event.type) {
    case 'Bounce':
      return ofBounce(event.bounce)
    case 'Complaint':
      return ofComplaint(event.complaint)
    case 'NonEvent':
      return ignored(event.reason)
    default:
      return ignored(`${event.type} says nothing about suppression`)
  }
}

function ofBounce(bounce: Bounce): EvidenceByAddress {
  if (echoes.has(bounce.subType)) return ignored(`echo: ${bounce.subType}`)
  const sort = `${bounce.type}/${bounce.subType}`
  if (bounce.type !== 'Permanent' && aboutTheMessage.has(bounce.subType)) return ignored(`about the message: ${sort}`)
  return evidence(
    bounce.recipients.map(({ address, status, diagnostic }) => [
      address,
      {
        kind: kindOfBounce(bounce.type, status),
        at: bounce.at,
        feedbackId: bounce.feedbackId,
        cause: sort,
        ...(status && { status }),
        ...(diagnostic && { diagnostic }),
      },
    ]),
  )
}

/** `4.4.7` gave up after hours of trying, whatever SES calls it; `5.1.x` is a bad address, whatever SES calls it. */
function kindOfBounce(type: string, status = ''): EvidenceKind {
  if (status === '4.4.7') return 'soft'
  if (type === 'Permanent') return 'hard'
  return status.startsWith('5.1.') ? 'rejected' : 'soft'
}

function ofComplaint(complaint: Complaint): EvidenceByAddress {
  if (complaint.subType && echoes.has(complaint.subType)) return ignored(`echo: ${complaint.subType}`)
  const addresses = new Set(complaint.recipients.map(({ address }) => address))
  const kind = complaint.feedbackType === 'not-spam' ? 'not-spam' : addresses.size > 1 ? 'uncertain' : 'complaint'
  const one = {
    kind,
    at: complaint.at,
    feedbackId: complaint.feedbackId,
    cause: complaint.feedbackType ?? '-',
  } as const
  return evidence([...addresses].map((address) => [address, one]))
}

/** An address named twice by one event gets the weightier of the two, then the first: so the order of equals decides nothing. */
function evidence(named: (readonly [string, Evidence])[]): EvidenceByAddress {
  const about = new Map<string, Evidence>()
  for (const [address, found] of named) {
    const known = about.get(address)
    if (!known || weight[found.kind] > weight[known.kind]) about.set(address, found)
  }
  return { type: 'evidence', about }
}

const weight: Record<EvidenceKind, number> = {
  soft: 0,
  rejected: 1,
  hard: 2,
  'not-spam': 0,
  uncertain: 1,
  complaint: 2,
}

const ignored = (why: string): EvidenceByAddress => ({ type: 'ignored', why })
