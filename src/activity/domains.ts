/**
 * Counts by the domain of the recipient: at which providers mail fails. Pure.
 *
 * The same events count as in the rates: hard bounces and complaints, without what SES did not send, and without the simulator.
 */
import { type Counted, isComplaint, isHardBounce, isNotSent, isSent, kindOf } from './counts.ts'

export type DomainCount = {
  readonly domain: string
  /** Recipients of the domain to whom SES sent. */
  readonly recipients: number
  readonly bounces: number
  readonly complaints: number
}

/** Domain → its counts. */
export type Domains = Map<string, DomainCount>

export function countDomainInto(domains: Domains, counted: Counted): void {
  const { recipient } = counted
  const kind = kindOf(counted)
  if (recipient === undefined || kind === undefined) return
  const domain = recipient.slice(recipient.lastIndexOf('@') + 1)
  const before = domains.get(domain) ?? { domain, recipients: 0, bounces: 0, complaints: 0 }
  const recipients = before.recipients + Number(isSent(kind)) - Number(isNotSent(kind))
  const bounces = before.bounces + Number(isHardBounce(kind))
  const complaints = before.complaints + Number(isComplaint(kind))
  domains.set(domain, { domain, recipients, bounces, complaints })
}

/** The domains with the most bounces and complaints, at most so many. */
export const failingOf = (domains: Domains, most: number): DomainCount[] =>
  [...domains.values()]
    .filter(({ bounces, complaints }) => bounces + complaints > 0)
    .sort(
      (one, other) =>
        other.bounces + other.complaints - one.bounces - one.complaints || (one.domain < other.domain ? -1 : 1),
    )
    .slice(0, most)
