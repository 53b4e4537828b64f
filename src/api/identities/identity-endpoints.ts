/** Answers the routes about identities of the account of a project. */
import type { FoundIdentity, Identities } from '../../configuration/identities.ts'
import { type DnsRecord, recordsOf, stepsOf } from '../../configuration/identity-records.ts'
import type { UsableConnection } from '../../projects/connection.ts'
import { isIdentityOfSenders, isOwnIdentity } from '../../sending/sender-policy.ts'
import type { AccountAccess, InAccount } from '../account-access.ts'
import type { Cursors } from '../cursor.ts'
import { endpointOf } from '../parse-input.ts'
import { Problem } from '../problem.ts'
import type { Endpoint } from '../route.ts'
import { safeDetailOf } from '../safe-detail.ts'
import { listIdentitiesRoute, lookUpIdentityRoute, putIdentityRoute, putMailFromRoute } from './routes.ts'

export type IdentityDependencies = {
  readonly access: AccountAccess
  readonly identities: Identities
  readonly cursors: Cursors
}

export function createIdentityEndpoints({ access, identities, cursors }: IdentityDependencies): Endpoint[] {
  const reading = access('reading')
  const verifying = access('verification')

  async function found(connection: UsableConnection, identity: string) {
    const facts = await identities.find(connection, identity)
    if (!facts) throw noSuchIdentity()
    return answerOf(facts, connection.region)
  }

  return [
    endpointOf(listIdentitiesRoute, ({ cursor }, call) =>
      reading(call, async ({ connection, project }) => {
        const boundTo = [call.project, 'identities']
        const token = cursor === undefined ? undefined : cursors.read(cursor, boundTo)
        const page = await identities.list(connection, token)
        return {
          identities: page.identities.filter(({ identity }) => isIdentityOfSenders(identity, project.sending?.senders)),
          ...(page.next !== undefined && { next: cursors.write(page.next, boundTo) }),
        }
      }),
    ),
    endpointOf(lookUpIdentityRoute, ({ identity }, call) =>
      reading(call, ({ connection, project }) => {
        if (!isIdentityOfSenders(identity, project.sending?.senders)) throw notAllowed()
        return found(connection, identity)
      }),
    ),
    endpointOf(putIdentityRoute, ({ identity }, call) =>
      verifying(call, async (account) => {
        requireOwn(identity, account)
        const outcome = await identities.create(account.connection, identity)
        if (typeof outcome === 'object') throw refused(outcome.refused)
        return found(account.connection, identity)
      }),
    ),
    endpointOf(putMailFromRoute, ({ identity, mailFrom, ifMissing = 'use default' }, call) =>
      verifying(call, async (account) => {
        requireOwn(identity, account)
        const outcome = await identities.setMailFrom(account.connection, identity, mailFrom, ifMissing)
        if (outcome === 'missing') throw noSuchIdentity()
        if (typeof outcome === 'object') throw refused(outcome.refused)
        return found(account.connection, identity)
      }),
    ),
  ]
}

function answerOf(facts: FoundIdentity, region: string) {
  const { identity, kind, maySend, verification, checkedAt, problem, dkim, mailFrom } = facts
  const records = recordsOf(facts, region)
  return {
    identity,
    kind,
    maySend,
    verification,
    ...(checkedAt && { checkedAt: checkedAt.toISOString() }),
    ...(problem !== undefined && { problem }),
    dkim: { state: dkim.state, origin: dkim.origin },
    ...(mailFrom && { mailFrom }),
    records,
    steps: stepsOf(facts),
    table: tableOf(records.filter(({ state }) => state !== 'found')),
  }
}

/** Columns of equal width: type, name, value. Empty without records. */
function tableOf(records: readonly DnsRecord[]): string {
  if (records.length === 0) return ''
  const rows = [['type', 'name', 'value'], ...records.map(({ type, name, value }) => [type, name, value])]
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows
    .map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '))
    .map((line) => `${line.trimEnd()}\n`)
    .join('')
}

/** @throws Problem */
function requireOwn(identity: string, { project }: InAccount): void {
  if (!isOwnIdentity(identity, project.sending?.senders)) throw notAllowed()
}

const notAllowed = () => {
  const errors = [{ pointer: '/identity', detail: 'is not a sender of the project' }]
  return new Problem('sender-not-allowed', { detail: '/identity is not a sender of the project.', errors })
}
const noSuchIdentity = () => new Problem('no-such-identity', { detail: 'SES has no identity of this name.' })
const refused = (reason: string) => new Problem('identity-refused', { detail: safeDetailOf(reason) })
