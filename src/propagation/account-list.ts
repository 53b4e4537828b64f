/**
 * The account list of a customer: SES's own suppression list in one account and region.
 *
 * Each operation has a session of its own, which can do that operation and nothing else. SES finds an entry by its exact case although it
 * sends without regard to case, so an address may stand there in several spellings.
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
import { sessionStatementsOf } from '../access/session/session-policy.ts'
import { createClientPerSession, type SessionCredentials, type Sessions } from '../access/session/sessions.ts'
import { AddressError, normaliseAddress } from '../intake/address.ts'
import type { UsableConnection } from '../projects/connection.ts'
import { type AccountEntry, type AccountReason, accountReasons } from './account-entry.ts'

/** SES asks for no answer later than this: one account that hangs must not hold up the others for long. */
const patienceMs = 3_000

const pageSize = 1_000

/** SES puts an address on its list about when it reports the bounce; windows of this much on either side find the entry. */
const windowMs = 15 * 60_000
const windowPages = 3

export type Page = { readonly entries: readonly AccountEntry[]; readonly next: string | undefined }

export type AccountList = ReturnType<ReturnType<typeof createAccountLists>>

/** @param clientOf an SES client of a session, for the region of the connection; it should not retry by itself */
export function createAccountLists(
  sessions: Sessions,
  clientOf: (region: string, credentials: SessionCredentials) => SESv2Client,
) {
  /** One for each session, and so for each region. */
  const clients = new Map<string, (credentials: SessionCredentials) => SESv2Client>()
  const clientIn = (region: string) => {
    const known =
      clients.get(region) ?? createClientPerSession((credentials: SessionCredentials) => clientOf(region, credentials))
    clients.set(region, known)
    return known
  }

  /** @param beforeEach waits until another call may be made */
  return (connection: UsableConnection, beforeEach: () => Promise<void> = async () => {}) => {
    async function inSession<T>(
      name: string,
      operation: string,
      run: (ses: SESv2Client, options: { abortSignal: AbortSignal }) => Promise<T>,
    ): Promise<T> {
      const purpose = { name, allow: sessionStatementsOf(connection, [`ses:${operation}`]) }
      const ses = clientIn(connection.region)
      await beforeEach()
      return sessions.use(connection, purpose, (credentials) =>
        run(ses(credentials), { abortSignal: AbortSignal.timeout(patienceMs) }),
      )
    }

    async function page(
      NextToken: string | undefined,
      window: { StartDate?: Date; EndDate?: Date } = {},
    ): Promise<Page> {
      const input = { PageSize: pageSize, ...(NextToken !== undefined && { NextToken }), ...window }
      const answer = await inSession('list', 'ListSuppressedDestinations', (ses, options) =>
        ses.send(new ListSuppressedDestinationsCommand(input), options),
      )
      const entries = (answer.SuppressedDestinationSummaries ?? []).flatMap((one): AccountEntry[] => {
        const reason = accountReasons.find((known) => known === one.Reason)
        const { EmailAddress: address, LastUpdateTime: at } = one
        return address && at && reason ? [{ address, reason, at }] : []
      })
      return { entries, next: answer.NextToken }
    }

    return {
      /** Puts an address on the list. Again, it changes the reason or nothing. `false`: SES does not take this address. */
      put: (EmailAddress: string, Reason: AccountReason): Promise<boolean> =>
        inSession('suppress', 'PutSuppressedDestination', (ses, options) =>
          ses.send(new PutSuppressedDestinationCommand({ EmailAddress, Reason }), options).then(
            () => true,
            (error: unknown) => {
              if (error instanceof BadRequestException) return false
              throw error
            },
          ),
        ),

      /** Takes exactly this spelling off the list. `false`: it was not there. */
      remove: (EmailAddress: string): Promise<boolean> =>
        inSession('reinstate', 'DeleteSuppressedDestination', (ses, options) =>
          ses.send(new DeleteSuppressedDestinationCommand({ EmailAddress }), options).then(
            () => true,
            (error: unknown) => {
              if (error instanceof NotFoundException || error instanceof BadRequestException) return false
              throw error
            },
          ),
        ),

      /** The whole list, page by page, in SES's order. */
      page: (next?: string): Promise<Page> => page(next),

      /** Spellings of an address that came onto the list about one of these times. */
      async spellingsOf(address: string, times: readonly Date[]): Promise<string[]> {
        const found = new Set<string>()
        for (const { from, to } of windowsAround(times)) {
          let next: string | undefined
          for (let pages = 0; pages < windowPages; pages++) {
            const answer = await page(next, { StartDate: from, EndDate: to })
            for (const entry of answer.entries) if (spellingOf(entry.address) === address) found.add(entry.address)
            next = answer.next
            if (next === undefined) break
          }
        }
        return [...found]
      },

      /** Whether the account may send to anybody. One in the sandbox has no list that can be written to. */
      hasProductionAccess: (): Promise<boolean> =>
        inSession('look', 'GetAccount', async (ses, options) => {
          const { ProductionAccessEnabled } = await ses.send(new GetAccountCommand({}), options)
          return ProductionAccessEnabled !== false
        }),
    }
  }
}

/** Windows around the times, those that overlap as one. */
function windowsAround(times: readonly Date[]): { from: Date; to: Date }[] {
  const windows: { from: Date; to: Date }[] = []
  for (const time of times.map((one) => one.getTime()).sort((a, b) => a - b)) {
    const last = windows.at(-1)
    const to = new Date(time + windowMs)
    if (last && last.to.getTime() >= time - windowMs) last.to = to
    else windows.push({ from: new Date(time - windowMs), to })
  }
  return windows
}

/** How we keep an address; `undefined` for what we would not take for one. */
export function spellingOf(spelling: string): string | undefined {
  try {
    return normaliseAddress(spelling)
  } catch (error) {
    if (error instanceof AddressError) return undefined
    throw error
  }
}
