/**
 * Verification of identities: an address by the link in a mail, a domain by the records of Easy DKIM, and its MAIL FROM domain by an MX record.
 * https://docs.aws.amazon.com/ses/latest/dg/creating-identities.html
 */
import { createHash } from 'node:crypto'
import type { Identity, SesAccount } from './account.ts'

const signingZone = 'dkim.amazonses.com'

export const isAddress = (name: string): boolean => name.includes('@')

/** The same for the same identity of an account, as in SES. */
export const dkimTokensOf = ({ account, region }: SesAccount, domain: string): string[] =>
  [1, 2, 3].map((number) =>
    createHash('sha256').update(`${account} ${region} ${domain} ${number}`).digest('hex').slice(0, 32),
  )

const isFound = ({ found }: SesAccount, ...names: string[]) => found === 'all' || names.every((name) => found.has(name))

export function isVerified(account: SesAccount, { name, dkimTokens }: Identity): boolean {
  if (isAddress(name)) return isFound(account, name)
  return isFound(account, ...dkimTokens.map((token) => `${token}._domainkey.${name}`))
}

/** Whether the MX record of the MAIL FROM domain is found, or there is no such domain. */
export const hasMailFrom = (account: SesAccount, { mailFrom }: Identity): boolean =>
  mailFrom === undefined || isFound(account, mailFrom.domain)

export function dkimAttributesOf(account: SesAccount, identity: Identity) {
  if (isAddress(identity.name))
    return { SigningEnabled: false, Status: 'NOT_STARTED', SigningAttributesOrigin: 'AWS_SES' }
  return {
    SigningEnabled: true,
    Status: isVerified(account, identity) ? 'SUCCESS' : 'PENDING',
    Tokens: [...identity.dkimTokens],
    SigningHostedZone: signingZone,
    SigningAttributesOrigin: 'AWS_SES',
    CurrentSigningKeyLength: 'RSA_2048_BIT',
    NextSigningKeyLength: 'RSA_2048_BIT',
  }
}

export function mailFromAttributesOf(account: SesAccount, identity: Identity) {
  const { mailFrom } = identity
  if (!mailFrom) return { BehaviorOnMxFailure: 'USE_DEFAULT_VALUE' }
  return {
    MailFromDomain: mailFrom.domain,
    MailFromDomainStatus: hasMailFrom(account, identity) ? 'SUCCESS' : 'PENDING',
    BehaviorOnMxFailure: mailFrom.onMxFailure,
  }
}

export function verificationOf(account: SesAccount, identity: Identity, at: Date) {
  if (isVerified(account, identity))
    return {
      VerificationStatus: 'SUCCESS',
      VerificationInfo: { LastCheckedTimestamp: at, LastSuccessTimestamp: at },
    }
  return {
    VerificationStatus: 'PENDING',
    VerificationInfo: { LastCheckedTimestamp: at, ...(!isAddress(identity.name) && { ErrorType: 'HOST_NOT_FOUND' }) },
  }
}
