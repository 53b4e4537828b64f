/**
 * Counts by the domain of the recipient: at which providers mail fails. Pure.
 *
 * The same events count as in the rates: hard bounces and complaints, without what SES did not send, and without the simulator.
 */
import { type Counted, kindOf, noVolume, recipientsOf, sumOfVolumes, type Volume, volumeOf } from './counts.ts'

/** Domain → what rates are made of. */
export type Domains = Map<string, Volume>

export type DomainCount = {
  readonly domain: string
  /** Recipients of the domain to whom SES sent. */
  readonly recipients: number
  readonly bounces: number
  readonly complaints: number
}

/** Under this name the domains are counted that are too many to be counted one by one. No domain has a name like it. */
const otherDomains = '(others)'

export function countDomainInto(domains: Domains, counted: Counted): void {
  const { recipient } = counted
  const kind = kindOf(counted)
  if (recipient === undefined || kind === undefined) return
  addDomain(domains, recipient.slice(recipient.lastIndexOf('@') + 1), volumeOf(kind))
}

function addDomain(domains: Domains, domain: string, volume: Volume): void {
  domains.set(domain, sumOfVolumes(domains.get(domain) ?? noVolume, volume))
}

/** The domains of several days together. */
export function sumOfDomains(several: readonly Domains[]): Domains {
  const sum: Domains = new Map()
  for (const domains of several) for (const [domain, volume] of domains) addDomain(sum, domain, volume)
  return sum
}

const failuresOf = ({ bounces, complaints }: Volume) => bounces + complaints
const byFailures = ([a, one]: readonly [string, Volume], [b, other]: readonly [string, Volume]) =>
  failuresOf(other) - failuresOf(one) || other.sent - one.sent || (a < b ? -1 : 1)

/** So many domains one by one, those with most failures and then with most recipients, and the others under one name. */
export function limitedDomains(domains: Domains, most: number): Domains {
  const limited: Domains = new Map()
  for (const [index, [domain, volume]] of [...domains].sort(byFailures).entries())
    addDomain(limited, index < most ? domain : otherDomains, volume)
  return limited
}

/** The domains with the most bounces and complaints, at most so many. */
export const failingOf = (domains: Domains, most: number): DomainCount[] =>
  [...domains]
    .filter(([, volume]) => failuresOf(volume) > 0)
    .sort(byFailures)
    .slice(0, most)
    .map(([domain, volume]) => ({
      domain,
      recipients: recipientsOf(volume),
      bounces: volume.bounces,
      complaints: volume.complaints,
    }))
