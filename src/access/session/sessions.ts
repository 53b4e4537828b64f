/**
 * The one place that opens sessions in customers' accounts.
 *
 * Every step into an account is an AssumeRole of its own with the connection's external id, said to STS explicitly before any other
 * service is called, named after project and purpose, an hour long at most (role chaining allows no more), and cut by a session
 * policy to the operations of its purpose. Sessions are kept per project and purpose, and opened anew before they expire.
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
 */
import { AssumeRoleCommand, type STSClient } from '@aws-sdk/client-sts'
import { createRecentlyUsed } from '../../recently-used.ts'
import { readAccountError, readStsError, sessionRejectionOf } from './aws-errors.ts'
import { AccountMismatchError, TrustRefusedError } from './errors.ts'
import {
  type Purpose,
  readCredentials,
  type SessionCredentials,
  type SessionRequest,
  type SessionTarget,
  sessionRequestOf,
} from './request.ts'

export type { Purpose, SessionCredentials, SessionTarget } from './request.ts'

export type Sessions = {
  /**
   * Credentials for an SDK client that lives long and asks again when they expire. It is not told when a session is revoked:
   * prefer `use`.
   */
  credentials(connection: SessionTarget, purpose: Purpose): () => Promise<SessionCredentials>
  /**
   * Runs with a session of this purpose. `run` runs a second time with a fresh session when the account does not take the first (expired,
   * revoked): it must be repeatable, and must itself catch what it expects AWS to answer (a NotFoundException, say). What AWS
   * answered otherwise becomes a ConnectionError.
   */
  use<T>(connection: SessionTarget, purpose: Purpose, run: (credentials: SessionCredentials) => Promise<T>): Promise<T>
  /** Forgets every session of a project. Those that are under way live on until they expire. */
  forget(project: string): void
}

type Options = {
  /** Sessions remembered at most; the one that was used longest ago goes first. */
  readonly capacity?: number
}

type Kept = {
  readonly project: string
  readonly session: Promise<SessionCredentials>
  /** By our own clock from before the call, so that a clock that is wrong by any constant does no harm. */
  readonly usableUntil: number
  isOpen: boolean
  /** Until when a refusal is believed to be no revocation, since a fresh session was refused too. */
  refusalsBelievedUntil: number
}

/** Sessions are opened anew this long before they expire, so that nothing begins that cannot end. */
const margin = 5 * 60_000
const believed = 60_000

/** @param sts a client of our own region and role: STS answers regionally, a session is good in every region */
export function createSessions(sts: STSClient, now: () => Date, { capacity = 1_000 }: Options = {}): Sessions {
  const kept = createRecentlyUsed<Kept>(capacity)

  function sessionFor(connection: SessionTarget, purpose: Purpose): { key: string; entry: Kept; isNew: boolean } {
    const request = sessionRequestOf(connection, purpose)
    const { project, region, externalId, nextExternalId } = connection
    const key = JSON.stringify([project, region, externalId, nextExternalId, ...Object.values(request)])
    const time = now().getTime()
    const known = kept.get(key)
    if (known && known.usableUntil > time) return { key, entry: known, isNew: !known.isOpen }
    const entry: Kept = {
      project,
      session: open(connection, request),
      usableUntil: time + request.DurationSeconds * 1_000 - margin,
      isOpen: false,
      refusalsBelievedUntil: 0,
    }
    kept.set(key, entry)
    entry.session.then(
      () => {
        entry.isOpen = true
      },
      () => kept.drop(key, entry),
    )
    return { key, entry, isNew: true }
  }

  async function open(connection: SessionTarget, request: SessionRequest): Promise<SessionCredentials> {
    const { externalId, nextExternalId } = connection
    if (nextExternalId === undefined) return assume(connection, request, externalId)
    try {
      return await assume(connection, request, nextExternalId)
    } catch (error) {
      // The customer has not updated the role yet.
      if (error instanceof TrustRefusedError) return assume(connection, request, externalId)
      throw error
    }
  }

  async function assume({ project, account }: SessionTarget, request: SessionRequest, externalId: string) {
    const { RoleArn: roleArn, DurationSeconds: seconds } = request
    try {
      const { Credentials, AssumedRoleUser } = await sts.send(
        new AssumeRoleCommand({ ...request, ExternalId: externalId }),
      )
      const found = AssumedRoleUser?.Arn?.split(':')[4] ?? 'unknown'
      if (found !== account) throw new AccountMismatchError(project, account, found)
      return readCredentials(project, Credentials)
    } catch (error) {
      throw readStsError(error, { project, roleArn, seconds, region: await sts.config.region() })
    }
  }

  return {
    credentials: (connection, purpose) => async () => sessionFor(connection, purpose).entry.session,

    async use(connection, purpose, run) {
      const first = sessionFor(connection, purpose)
      const credentials = await first.entry.session
      try {
        return await run(credentials)
      } catch (error) {
        const end = sessionRejectionOf(error)
        const isBelieved = first.isNew || first.entry.refusalsBelievedUntil > now().getTime()
        if (!end || (end === 'denied' && isBelieved)) throw readAccountError(error, connection.project)
      }
      // Of many that fail at once, the first drops the session and all share the next.
      kept.drop(first.key, first.entry)
      const second = sessionFor(connection, purpose)
      const fresh = await second.entry.session
      try {
        return await run(fresh)
      } catch (error) {
        if (sessionRejectionOf(error) === 'denied') second.entry.refusalsBelievedUntil = now().getTime() + believed
        throw readAccountError(error, connection.project)
      }
    },

    forget: (project) => kept.dropWhere((entry) => entry.project === project),
  }
}

/**
 * One client for each session, made when first asked for: a session that is used often keeps its connections, and the client
 * goes when the session goes. `const sesOf = perSession((credentials) => new SESv2Client({ …, credentials }))`
 */
export function createClientPerSession<Client>(make: (credentials: SessionCredentials) => Client) {
  const clients = new WeakMap<SessionCredentials, Client>()
  return (credentials: SessionCredentials): Client => {
    const known = clients.get(credentials)
    if (known !== undefined) return known
    const client = make(credentials)
    clients.set(credentials, client)
    return client
  }
}
