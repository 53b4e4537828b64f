/**
 * What a session that sends for a project may do: send as one domain, with the configuration set of the project and, for a message that needs
 * it, with the stored templates of the project or without tracking. Pure.
 */
import { templateActions, trackingAction } from '../access/session/customer-actions.ts'
import { type SessionStatement, sessionStatementsOf } from '../access/session/session-policy.ts'
import type { Connection } from '../projects/connection.ts'

/**
 * SES checks the identity of the address, of its domain or of a parent domain, whichever is verified.
 *
 * @param from the address of the sender, as it will be written
 */
export function senderStatementsOf(
  connection: Connection,
  from: string,
  { usesTemplate = false, overridesTracking = false }: SenderNeeds = {},
): SessionStatement[] {
  const address = addressIn(from)
  const domain = domainOf(address)
  const labels = domain.toLowerCase().split('.')
  const parents = labels.slice(0, -1).map((_, index) => labels.slice(index).join('.'))
  const [statement] = sessionStatementsOf(connection, ['ses:SendEmail'])
  const resources = [address.toLowerCase(), ...parents].flatMap((identity) =>
    sessionStatementsOf(connection, ['ses:SendEmail'], { identity }).flatMap((one) => one.resources),
  )
  const condition = { StringLike: { 'ses:FromAddress': `*@${domain}` } }
  if (!statement) return []
  // One of the sessions of a project serves all of its templates: their names begin with the project.
  const templates = usesTemplate ? sessionStatementsOf(connection, ['ses:GetEmailTemplate']) : []
  return [
    {
      actions: usesTemplate ? templateActions : statement.actions,
      resources: [...new Set([...resources, ...templates.flatMap((one) => one.resources)])],
      condition,
    },
    ...(overridesTracking ? [{ actions: [trackingAction], resources: ['*'] }] : []),
  ]
}

/** What a message needs beside its sender. */
export type SenderNeeds = { readonly usesTemplate?: boolean; readonly overridesTracking?: boolean }

/** `Acme <hello@acme.example>` → `hello@acme.example`, as it is written. */
const addressIn = (from: string): string => (/<([^<>]*)>\s*$/.exec(from)?.[1] ?? from).trim()

const domainOf = (address: string) => address.slice(address.lastIndexOf('@') + 1)

const isAddress = (identity: string) => identity.includes('@')

/** Whether an identity is a sender of the project, or an address of one. The project may then verify it and change its MAIL FROM domain. */
export const isOwnIdentity = (identity: string, senders: readonly string[] | undefined): boolean =>
  isAddress(identity) ? isSender(identity, senders) : senders === undefined || senders.includes(identity)

/** Whether a sender of the project can use an identity. A domain serves its addresses and those of its subdomains. */
export const isIdentityOfSenders = (identity: string, senders: readonly string[] | undefined): boolean =>
  isOwnIdentity(identity, senders) ||
  (!isAddress(identity) &&
    (senders ?? []).map(domainOf).some((domain) => domain === identity || domain.endsWith(`.${identity}`)))

/** @param senders addresses and domains; absent: every verified identity of the account */
export function isSender(from: string, senders: readonly string[] | undefined): boolean {
  const address = addressIn(from).toLowerCase()
  return senders === undefined || senders.includes(address) || senders.includes(domainOf(address))
}
