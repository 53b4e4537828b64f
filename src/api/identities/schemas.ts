/** Requests and answers of the routes about identities. */
import * as v from 'valibot'
import { recordStates, verificationStates } from '../../configuration/identity-records.ts'

const domain = '[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)+'
const Domain = v.pipe(
  v.string(),
  v.maxLength(253, 'must have 253 characters at most'),
  v.regex(new RegExp(`^${domain}$`), 'must be a domain in lower case'),
)
const Identity = v.pipe(
  v.string(),
  v.maxLength(320, 'must have 320 characters at most'),
  v.regex(
    new RegExp(`^([^@\\s<>"/*?:\\\\\${}]{1,64}@)?${domain}$`),
    'must be a domain or an address, its domain in lower case',
  ),
)
const State = v.picklist(verificationStates)

export const IdentityRequest = v.strictObject({ identity: Identity })

export const MailFromRequest = v.strictObject({
  identity: Identity,
  mailFrom: v.optional(
    v.pipe(Domain, v.description('A subdomain of the identity. Absent: SES uses a domain of its own again')),
  ),
  ifMissing: v.optional(
    v.pipe(
      v.picklist(['use default', 'reject']),
      v.description('What SES does with mail while it does not find the MX record. `use default` if absent'),
    ),
  ),
})

const listed = {
  identity: v.string(),
  kind: v.picklist(['address', 'domain']),
  maySend: v.boolean(),
  verification: State,
}

export const ListIdentitiesAnswer = v.strictObject({
  identities: v.array(v.strictObject(listed)),
  next: v.optional(v.pipe(v.string(), v.description('Absent on the last page'))),
})

const DnsRecord = v.strictObject({
  purpose: v.picklist(['DKIM', 'MAIL FROM', 'DMARC']),
  type: v.picklist(['CNAME', 'MX', 'TXT']),
  name: v.string(),
  value: v.string(),
  state: v.pipe(
    v.picklist(recordStates),
    v.description('SES tells one state for all records of a purpose. It does not check DMARC'),
  ),
})

export const IdentityAnswer = v.strictObject({
  ...listed,
  checkedAt: v.optional(v.pipe(v.string(), v.isoTimestamp())),
  problem: v.optional(v.pipe(v.string(), v.description('Why SES could not verify it, such as HOST_NOT_FOUND'))),
  dkim: v.strictObject({ state: State, origin: v.picklist(['SES', 'own']) }),
  mailFrom: v.optional(
    v.strictObject({ domain: v.string(), state: State, ifMissing: v.picklist(['use default', 'reject']) }),
  ),
  records: v.pipe(v.array(DnsRecord), v.description('The DNS records that the identity needs')),
  steps: v.pipe(v.array(v.string()), v.description('What its owner does next, in words')),
  table: v.pipe(v.string(), v.description('The records to publish as a table, to send to the owner')),
})
