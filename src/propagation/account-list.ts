/**
 * The account list of a customer: SES's own suppression list in one account and region, or the list of one tenant of the account.
 *
 * Each operation uses a session of its own that allows this operation only. SES finds an entry by its exact case, although it ignores case
 * when it sends. The list can therefore contain one address in several spellings.
 * https://docs.aws.amazon.com/ses/latest/dg/sending-email-suppression-list.html
 */
import {
  BadRequestException,
  DeleteSuppressedDestinationCommand,
  GetAccountCommand,
  ListSuppressedDestinationsCommand,
  NotFoundException,
  PutSuppressedDestinationCommand,
  type SESv2Client,
} from '@aws-sdk/client-sesv2'
import type { Purpose } from '../access/session/request.ts'
import { sessionStatementsOf } from '../access/session/session-policy.ts'
import { createClientPerSession, type SessionCredentials, type Sessions } from '../access/session/sessions.ts'
import { AddressError, normaliseAddress } from '../intake/address.ts'
import type { UsableConnection } from '../projects/connection.ts'
import type { SessionPurpose } from '../session-purposes.ts'
import { type AccountEntry, type AccountReason, accountReasons } from './account-entry.ts'

/** Timeout of one SES call. It is short, so that an account that does not answer delays the others little. */
const timeoutMs = 3_000

const pageSize = 1_000

/** SES lists an address at about the time at which it reports the bounce. An entry is searched this far before and after that time. */
const windowMs = 15 * 60_000
/** Pages read per window. */
const windowPages = 3

/**
 * `next` is the token of the next page; `undefined` on the last page. `unreadable` holds what SES lists without a time or with a reason that
 * Sesame does not know.
 */
export type AccountListPage = {
  readonly entries: readonly AccountEntry[]
  readonly unreadable: readonly string[]
  readonly next: string | undefined
}

/** `refused`: SES does not remove it. That does not say whether it is on the list. */
export type Removal = 'removed' | 'not there' | 'refused'

/** `tenant`: its list is meant, not the account's. */
export type ListTarget = UsableConnection & { readonly tenant?: string | undefined }

export type AccountList = ReturnType<ReturnType<typeof createAccountLists>>

/** @param clientOf makes an SES client for the connection's region from a session's credentials. The client must not retry. */
export function createAccountLists(
  sessions: Sessions,
  clientOf: (region: string, credentials: SessionCredentials) => SESv2Client,
) {
  /** By region; each makes one client per session. */
  const clientsByRegion = new Map<string, (credentials: SessionCredentials) => SESv2Client>()
  const clientIn = (region: string) => {
    const client =
      clientsByRegion.get(region) ??
      createClientPerSession((credentials: SessionCredentials) => clientOf(region, credentials))
    clientsByRegion.set(region, client)
    return client
  }

  /** @param waitForTurn resolves when the next SES call may be made */
  return (connection: ListTarget, waitForTurn: () => Promise<void> = async () => {}) => {
    const inList = connection.tenant === undefined ? {} : { TenantName: connection.tenant }

    async function inSession<T>(
      name: SessionPurpose,
      operation: string,
      run: (ses: SESv2Client, options: { abortSignal: AbortSignal }) => Promise<T>,
    ): Promise<T> {
      const purpose: Purpose = { name, allow: sessionStatementsOf(connection, [`ses:${operation}`]) }
      const ses = clientIn(connection.region)
      await waitForTurn()
      return sessions.use(connection, purpose, (credentials) =>
        run(ses(credentials), { abortSignal: AbortSignal.timeout(timeoutMs) }),
      )
    }

    async function readPage(
      NextToken: string | undefined,
      window: { StartDate?: Date; EndDate?: Date } = {},
    ): Promise<AccountListPage> {
      const input = { ...inList, PageSize: pageSize, ...(NextToken !== undefined && { NextToken }), ...window }
      const answer = await inSession('list', 'ListSuppressedDestinations', (ses, options) =>
        ses.send(new ListSuppressedDestinationsCommand(input), options),
      )
      const entries: AccountEntry[] = []
      const unreadable: string[] = []
      for (const { EmailAddress: address = '', LastUpdateTime: at, Reason } of answer.SuppressedDestinationSummaries ??
        []) {
        const reason = accountReasons.find((known) => known === Reason)
        if (address && at && reason) entries.push({ address, reason, at })
        else unreadable.push(address)
      }
      return { entries, unreadable, next: answer.NextToken }
    }

    return {
      /** Puts an address on the list, or changes its reason. Idempotent. `false` if SES rejects the address. */
      put: (EmailAddress: string, Reason: AccountReason): Promise<boolean> =>
        inSession('suppress', 'PutSuppressedDestination', (ses, options) =>
          ses.send(new PutSuppressedDestinationCommand({ ...inList, EmailAddress, Reason }), options).then(
            () => true,
            (error: unknown) => {
              if (error instanceof BadRequestException) return false
              throw error
            },
          ),
        ),

      /**
       * Removes exactly this spelling from the list. Idempotent. SES refuses to remove some addresses that it has put on the list itself,
       * such as those with a slash in the local part.
       */
      remove: (EmailAddress: string): Promise<Removal> =>
        inSession('reinstate', 'DeleteSuppressedDestination', (ses, options) =>
          ses.send(new DeleteSuppressedDestinationCommand({ ...inList, EmailAddress }), options).then(
            (): Removal => 'removed',
            (error: unknown): Removal => {
              if (error instanceof NotFoundException) return 'not there'
              if (error instanceof BadRequestException) return 'refused'
              throw error
            },
          ),
        ),

      /** One page of the whole list, in SES's order; the first page without `next`. */
      readPage: (next?: string): Promise<AccountListPage> => readPage(next),

      /** Spellings of an address that were listed at about one of these times. */
      async findSpellings(address: string, times: readonly Date[]): Promise<string[]> {
        const found = new Set<string>()
        for (const { from, to } of windowsAround(times)) {
          let next: string | undefined
          for (let pages = 0; pages < windowPages; pages++) {
            const answer = await readPage(next, { StartDate: from, EndDate: to })
            for (const entry of answer.entries) if (spellingOf(entry.address) === address) found.add(entry.address)
            next = answer.next
            if (next === undefined) break
          }
        }
        return [...found]
      },

      /** Whether the account is out of the SES sandbox. SES rejects writes to the list of an account in the sandbox. */
      hasProductionAccess: (): Promise<boolean> =>
        inSession('look', 'GetAccount', async (ses, options) => {
          const { ProductionAccessEnabled } = await ses.send(new GetAccountCommand({}), options)
          return ProductionAccessEnabled !== false
        }),
    }
  }
}

/** Windows around the times; overlapping windows are merged. */
function windowsAround(times: readonly Date[]): { from: Date; to: Date }[] {
  const windows: { from: Date; to: Date }[] = []
  for (const time of times.map((date) => date.getTime()).sort((a, b) => a - b)) {
    const last = windows.at(-1)
    const to = new Date(time + windowMs)
    if (last && last.to.getTime() >= time - windowMs) last.to = to
    else windows.push({ from: new Date(time - windowMs), to })
  }
  return windows
}

/** The address as the suppression list stores it; `undefined` if it is not a valid address. */
export function spellingOf(spelling: string): string | undefined {
  try {
    return normaliseAddress(spelling)
  } catch (error) {
    if (error instanceof AddressError) return undefined
    throw error
  }
}
