/** Identities of the account of the project: list, look up, add, MAIL FROM domain. */
import { randomUUID } from 'node:crypto'
import { type Connection, sendRequest } from './request.ts'
import { readAnswer, readObject } from './suppressions.ts'

export type VerificationState = 'verified' | 'pending' | 'failed' | 'temporary failure' | 'not started'

export type Identity = {
  /** An address or a domain. */
  readonly identity: string
  readonly kind: 'address' | 'domain'
  readonly maySend: boolean
  readonly verification: VerificationState
}

export type DnsRecord = {
  readonly purpose: 'DKIM' | 'MAIL FROM' | 'DMARC'
  readonly type: 'CNAME' | 'MX' | 'TXT'
  readonly name: string
  readonly value: string
  readonly state: 'found' | 'missing' | 'not checked'
}

export type IdentityDetails = Identity & {
  readonly checkedAt?: string
  /** Why SES could not verify it. */
  readonly problem?: string
  readonly dkim: { readonly state: VerificationState; readonly origin: 'SES' | 'own' }
  readonly mailFrom?: {
    readonly domain: string
    readonly state: VerificationState
    readonly ifMissing: 'use default' | 'reject'
  }
  readonly records: readonly DnsRecord[]
  /** What its owner does next, in words. */
  readonly steps: readonly string[]
  /** The records to publish as a table. */
  readonly table: string
}

export type MailFromOptions = {
  /** A subdomain of the identity. Absent: SES uses a domain of its own again. */
  readonly mailFrom?: string
  /** What SES does with mail while it does not find the MX record. */
  readonly ifMissing?: 'use default' | 'reject'
  readonly idempotencyKey?: string
}

type Page = { readonly identities: readonly Identity[]; readonly next?: string }

export function createIdentities(connection: Connection) {
  const put = async (path: string, body: object, idempotencyKey: string = randomUUID()): Promise<IdentityDetails> =>
    readObject<IdentityDetails>(
      (await sendRequest(connection, { method: 'PUT', path, body, idempotencyKey })).body,
      'records',
    )

  return {
    /** Every identity from which the project may send, page by page as they are needed. */
    async *list(): AsyncGenerator<Identity> {
      let cursor: string | undefined
      do {
        const call = { method: 'GET', path: '/identities', query: { cursor }, isRead: true } as const
        const page = readAnswer<Page>((await sendRequest(connection, call)).body, 'identities')
        yield* page.identities
        cursor = page.next
      } while (cursor !== undefined)
    },

    /** Verification, DKIM and MAIL FROM of one identity, and its DNS records. */
    async lookup(identity: string): Promise<IdentityDetails> {
      const call = { method: 'POST', path: '/identities/lookup', body: { identity }, isRead: true } as const
      return readObject<IdentityDetails>((await sendRequest(connection, call)).body, 'records')
    },

    /** Adds an identity, if it does not exist, and starts its verification. */
    add: (identity: string, { idempotencyKey }: { readonly idempotencyKey?: string } = {}) =>
      put('/identities', { identity }, idempotencyKey),

    setMailFrom: (identity: string, { idempotencyKey, ...settings }: MailFromOptions) =>
      put('/identities/mail-from', { identity, ...settings }, idempotencyKey),
  }
}
