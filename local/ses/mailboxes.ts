/**
 * The behaviour of mailboxes: SES's mailbox simulator, and the behaviours set for addresses and domains. Every other mailbox accepts mail.
 *
 * A `+label` is ignored. The simulator: https://docs.aws.amazon.com/ses/latest/dg/send-an-email-from-console.html
 */
export const behaviours = [
  'delivery',
  'hard bounce',
  'mailbox full',
  'complaint',
  'not spam',
  'out of office',
  'delayed',
  'globally suppressed',
] as const
export type Behaviour = (typeof behaviours)[number]

const SIMULATOR_DOMAIN = 'simulator.amazonses.com'

const simulator: Readonly<Record<string, Behaviour>> = {
  success: 'delivery',
  bounce: 'hard bounce',
  complaint: 'complaint',
  ooto: 'out of office',
  suppressionlist: 'globally suppressed',
}

export type Mailboxes = {
  /** Sets the behaviour of an address (`gone@example.org`) or a domain (`example.org`). */
  set(addressOrDomain: string, behaviour: Behaviour): void
  of(address: string): Behaviour
  /** The behaviours that were set, by address or domain. */
  readonly all: Map<string, Behaviour>
}

export function createMailboxes(): Mailboxes {
  const all = new Map<string, Behaviour>()
  return {
    all,
    set: (addressOrDomain, behaviour) => void all.set(addressOrDomain.toLowerCase(), behaviour),
    of(address) {
      const lower = address.toLowerCase()
      const domain = domainOf(lower)
      const plain = lower.replace(/\+[^@]*@/, '@')
      if (domain === SIMULATOR_DOMAIN) return simulator[plain.slice(0, plain.indexOf('@'))] ?? 'hard bounce'
      return all.get(lower) ?? all.get(plain) ?? all.get(domain) ?? 'delivery'
    },
  }
}

export function domainOf(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1).toLowerCase()
}

/** Whether an address belongs to the mailbox simulator. Its mail affects neither rates nor the account list. */
export function isSimulator(address: string): boolean {
  return domainOf(address) === SIMULATOR_DOMAIN
}
