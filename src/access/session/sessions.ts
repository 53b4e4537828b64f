/**
 * The only place that opens sessions in customers' accounts.
 *
 * Each session is an AssumeRole with the external id of the connection, named after project and purpose. It lasts one hour at most (the
 * limit of role chaining), and a session policy limits it to the operations of its purpose. The role is assumed explicitly, before any
 * other service is called. Sessions are cached per project and purpose, and replaced before they expire.
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
 */
import { AssumeRoleCommand, type STSClient } from '@aws-sdk/client-sts'
import { arnOf } from '../../arn.ts'
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
   * A credential provider for an SDK client that lives long. It returns new credentials when a session expires, but does not notice when
   * one is revoked: prefer `use`.
   */
  credentials(connection: SessionTarget, purpose: Purpose): () => Promise<SessionCredentials>
  /**
   * Calls `run` with a session of this purpose, and a second time with a fresh session if the account rejects the first (expired, revoked).
   * So `run` must be idempotent. It must also catch the errors that it expects from AWS, such as NotFoundException.
   * @throws ConnectionError for every other error that AWS answers
   */
  use<T>(connection: SessionTarget, purpose: Purpose, run: (credentials: SessionCredentials) => Promise<T>): Promise<T>
  /** Removes all sessions of a project from the cache. Sessions in use stay valid until they expire. */
  forget(project: string): void
}

type Options = {
  /** Sessions in the cache, at most. The one that was used least recently is removed first. */
  readonly capacity?: number
}

type CachedSession = {
  readonly project: string
  readonly session: Promise<SessionCredentials>
  /** By our own clock, read before the call, so that a constant error of the clock does not matter. */
  readonly usableUntilMs: number
  isOpen: boolean
  /** Until then a denial is not taken for a revocation, because a fresh session was denied too. */
  denialsTrustedUntilMs: number
}

/** A session is replaced this long before it expires, so that work that begins can end. */
const expiryMarginMs = 5 * 60_000
const denialTrustMs = 60_000

/** @param sts a client with our own role, in our own region: STS answers regionally, and a session is valid in every region */
export function createSessions(sts: STSClient, now: () => Date, { capacity = 1_000 }: Options = {}): Sessions {
  const cache = createRecentlyUsed<CachedSession>(capacity)

  /** `isNew`: the session is not older than this call. */
  function sessionFor(
    connection: SessionTarget,
    purpose: Purpose,
  ): { key: string; entry: CachedSession; isNew: boolean } {
    const request = sessionRequestOf(connection, purpose)
    const { project, region, externalId, nextExternalId } = connection
    const key = JSON.stringify([project, region, externalId, nextExternalId, ...Object.values(request)])
    const time = now().getTime()
    const known = cache.get(key)
    if (known && known.usableUntilMs > time) return { key, entry: known, isNew: !known.isOpen }
    const entry: CachedSession = {
      project,
      session: open(connection, request),
      usableUntilMs: time + request.DurationSeconds * 1_000 - expiryMarginMs,
      isOpen: false,
      denialsTrustedUntilMs: 0,
    }
    cache.set(key, entry)
    entry.session.then(
      () => {
        entry.isOpen = true
      },
      () => cache.drop(key, entry),
    )
    return { key, entry, isNew: true }
  }

  async function open(connection: SessionTarget, request: SessionRequest): Promise<SessionCredentials> {
    const { externalId, nextExternalId } = connection
    if (nextExternalId === undefined) return assume(connection, request, externalId)
    try {
      return await assume(connection, request, nextExternalId)
    } catch (error) {
      // The customer has not updated the role to the second external id yet.
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
      const found = arnOf(AssumedRoleUser?.Arn ?? '').account || 'unknown'
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
        const rejection = sessionRejectionOf(error)
        const isTrusted = first.isNew || first.entry.denialsTrustedUntilMs > now().getTime()
        if (!rejection || (rejection === 'denied' && isTrusted)) throw readAccountError(error, connection.project)
      }
      // If several calls fail at once, the first removes the session and all share the next.
      cache.drop(first.key, first.entry)
      const second = sessionFor(connection, purpose)
      const fresh = await second.entry.session
      try {
        return await run(fresh)
      } catch (error) {
        if (sessionRejectionOf(error) === 'denied') second.entry.denialsTrustedUntilMs = now().getTime() + denialTrustMs
        throw readAccountError(error, connection.project)
      }
    },

    forget: (project) => cache.dropWhere((entry) => entry.project === project),
  }
}

/**
 * Makes one client per session, when it is first needed. A session that is used often keeps its network connections, and the client is
 * released with the session.
 *
 *     const sesOf = createClientPerSession((credentials) => new SESv2Client({ region, credentials }))
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
