/**
 * The DNS records that an identity of SES needs, and which of them SES has not found. Pure.
 *
 * SES tells one state for all records of a purpose, and not which of them is missing.
 * https://docs.aws.amazon.com/ses/latest/dg/creating-identities.html
 * https://docs.aws.amazon.com/ses/latest/dg/mail-from.html
 */

export const recordStates = ['found', 'missing', 'not checked'] as const

export type DnsRecord = {
  readonly purpose: 'DKIM' | 'MAIL FROM' | 'DMARC'
  readonly type: 'CNAME' | 'MX' | 'TXT'
  readonly name: string
  readonly value: string
  readonly state: (typeof recordStates)[number]
}

export const verificationStates = ['verified', 'pending', 'failed', 'temporary failure', 'not started'] as const
export type VerificationState = (typeof verificationStates)[number]

export type MailFrom = {
  readonly domain: string
  readonly state: VerificationState
  /** What SES does while it does not find the MX record. */
  readonly ifMissing: 'use default' | 'reject'
}

/** What SES says about an identity. */
export type IdentityFacts = {
  /** In lower case. */
  readonly identity: string
  readonly kind: 'address' | 'domain'
  readonly verification: VerificationState
  readonly dkim: {
    readonly state: VerificationState
    /** `own`: the owner of the domain has a key pair, and SES knows no records. */
    readonly origin: 'SES' | 'own'
    readonly tokens: readonly string[]
    readonly zone: string
  }
  readonly mailFrom?: MailFrom
}

/** @param region of the SES account */
export function recordsOf({ identity, kind, dkim, mailFrom }: IdentityFacts, region: string): DnsRecord[] {
  const mailFromRecords = mailFrom ? mailFromRecordsOf(mailFrom, region) : []
  if (kind === 'address') return mailFromRecords
  const state = stateOf(dkim.state)
  const tokens = dkim.origin === 'SES' ? dkim.tokens : []
  return [
    ...tokens.map((token): DnsRecord => {
      const name = `${token}._domainkey.${identity}`
      return { purpose: 'DKIM', type: 'CNAME', name, value: `${token}.${dkim.zone}`, state }
    }),
    ...mailFromRecords,
    { purpose: 'DMARC', type: 'TXT', name: `_dmarc.${identity}`, value: 'v=DMARC1; p=none;', state: 'not checked' },
  ]
}

function mailFromRecordsOf({ domain, state: found }: MailFrom, region: string): DnsRecord[] {
  const state = stateOf(found)
  const shared = { purpose: 'MAIL FROM', name: domain, state } as const
  return [
    { ...shared, type: 'MX', value: `10 feedback-smtp.${region}.amazonses.com` },
    { ...shared, type: 'TXT', value: 'v=spf1 include:amazonses.com ~all' },
  ]
}

const stateOf = (state: VerificationState): DnsRecord['state'] => (state === 'verified' ? 'found' : 'missing')

/** What the owner of the identity does next, in words. Empty if there is nothing to do. */
export function stepsOf(facts: IdentityFacts): string[] {
  const { identity, kind, verification, dkim, mailFrom } = facts
  const steps: string[] = []
  if (kind === 'address' && verification !== 'verified')
    steps.push('Open the link in the mail that SES has sent to the address. The link is valid for 24 hours.')
  if (kind === 'domain' && dkim.state !== 'verified')
    steps.push(
      dkim.origin === 'SES'
        ? `Publish the ${dkim.tokens.length} CNAME records for DKIM in the DNS of ${identity}. SES finds them within 72 hours, and the domain may then send.`
        : `Publish the public key of your own DKIM key pair in the DNS of ${identity}.`,
    )
  if (mailFrom && mailFrom.state !== 'verified')
    steps.push(
      `Publish the MX and the TXT record of the MAIL FROM domain ${mailFrom.domain}. Until SES finds the MX record, ${
        mailFrom.ifMissing === 'reject' ? 'it refuses all mail of the identity' : 'it uses its own MAIL FROM domain'
      }.`,
    )
  if (kind === 'domain')
    steps.push(
      `Make sure that the DNS of ${identity} has a DMARC record. Gmail and Yahoo require one of bulk senders, and SES does not check it.`,
    )
  return steps
}
