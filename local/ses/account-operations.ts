/** GetAccount, the account's suppression attributes, and the account list. */
import * as v from 'valibot'
import { AwsError, type ServiceCall, type ServiceOperation } from '../service.ts'
import { readInput } from '../wire/input.ts'
import {
  findTenant,
  quotaOf,
  type SesAccount,
  type SuppressedDestination,
  sentLast24Hours,
  suppressionReasons,
} from './account.ts'
import { pageOf, paging } from './paging.ts'

type AccountOf = (call: ServiceCall) => SesAccount

const reason = v.picklist(suppressionReasons)
const reasons = v.optional(v.array(reason), [])
const inList = { TenantName: v.optional(v.string()) }
const byAddress = v.object({ ...inList, EmailAddress: v.pipe(v.string(), v.regex(/^[^@\s]+@[^@\s]+$/)) })

const inputs = {
  attributes: v.object({ SuppressedReasons: reasons }),
  sending: v.object({ SendingEnabled: v.optional(v.boolean(), false) }),
  put: v.object({ ...byAddress.entries, Reason: reason }),
  list: v.object({
    ...paging,
    ...inList,
    Reasons: v.optional(v.array(reason)),
    StartDate: v.optional(v.date()),
    EndDate: v.optional(v.date()),
  }),
}

export function accountOperations(accountOf: AccountOf): Record<string, ServiceOperation> {
  const read = <const Schema extends v.GenericSchema>(schema: Schema, call: ServiceCall): v.InferOutput<Schema> =>
    readInput(schema, call, 'BadRequestException')
  /** The list of the account, or of one of its tenants. */
  const listOf = (account: SesAccount, { TenantName }: { TenantName?: string | undefined }) =>
    TenantName === undefined ? account.accountList : findTenant(account, TenantName).list

  const recentCalls = new WeakMap<SesAccount, number[]>()
  /** @throws AwsError TooManyRequestsException when the account exceeds its rate */
  const throttled = (call: ServiceCall): SesAccount => {
    const account = accountOf(call)
    const { throttle } = account
    const at = call.at.getTime()
    const within = (recentCalls.get(account) ?? []).filter((time) => time > at - 1_000)
    if (throttle.next > 0) throttle.next--
    else if (within.length < throttle.perSecond) {
      recentCalls.set(account, Number.isFinite(throttle.perSecond) ? [...within, at] : [])
      return account
    }
    throw new AwsError('TooManyRequestsException', 'Too many requests have been made to the operation.', 429)
  }

  return {
    GetAccount(call) {
      const account = accountOf(call)
      return {
        DedicatedIpAutoWarmupEnabled: false,
        EnforcementStatus: account.enforcement,
        ProductionAccessEnabled: account.productionAccess,
        SendingEnabled: account.sendingEnabled,
        SendQuota: {
          Max24HourSend: quotaOf(account),
          MaxSendRate: account.productionAccess ? account.sendRate.perSecond : 1,
          SentLast24Hours: sentLast24Hours(account, call.at),
        },
        SuppressionAttributes: { SuppressedReasons: [...account.suppressedReasons] },
      }
    },
    PutAccountSendingAttributes(call) {
      accountOf(call).sendingEnabled = read(inputs.sending, call).SendingEnabled
      return {}
    },
    PutAccountSuppressionAttributes(call) {
      accountOf(call).suppressedReasons = read(inputs.attributes, call).SuppressedReasons
      return {}
    },
    PutSuppressedDestination(call) {
      const input = read(inputs.put, call)
      const { EmailAddress: address, Reason: reason } = input
      const account = throttled(call)
      if (!account.productionAccess) throw badRequest('The account is in the sandbox. Request production access first.')
      listOf(account, input).set(address, { address, reason, at: call.at })
      return {}
    },
    GetSuppressedDestination(call) {
      const input = read(byAddress, call)
      const entry = findEntry(listOf(throttled(call), input), addressable(input.EmailAddress))
      return {
        SuppressedDestination: {
          EmailAddress: entry.address,
          Reason: entry.reason,
          LastUpdateTime: entry.at,
          ...(input.TenantName !== undefined && { TenantName: input.TenantName }),
          ...(entry.messageId && { Attributes: { MessageId: entry.messageId } }),
        },
      }
    },
    DeleteSuppressedDestination(call) {
      const input = read(byAddress, call)
      const list = listOf(throttled(call), input)
      list.delete(findEntry(list, addressable(input.EmailAddress)).address)
      return {}
    },
    ListSuppressedDestinations(call) {
      const input = read(inputs.list, call)
      const entries = [...listOf(throttled(call), input).values()]
        .filter((entry) => !input.Reasons || input.Reasons.includes(entry.reason))
        .filter((entry) => !input.StartDate || entry.at >= input.StartDate)
        .filter((entry) => !input.EndDate || entry.at <= input.EndDate)
      const { page, next } = pageOf(entries, (entry) => entry.address, input)
      return {
        SuppressedDestinationSummaries: page.map((entry) => ({
          EmailAddress: entry.address,
          Reason: entry.reason,
          LastUpdateTime: entry.at,
        })),
        ...next,
      }
    },
  }
}

/** SES takes an address with a slash in its local part onto the list, and then refuses to show or to remove it. */
function addressable(address: string): string {
  if (address.includes('/')) throw badRequest('Email address is not valid.')
  return address
}

/** Case-sensitive, as in SES, although sending ignores case. */
function findEntry(list: ReadonlyMap<string, SuppressedDestination>, address: string): SuppressedDestination {
  const entry = list.get(address)
  if (entry) return entry
  throw new AwsError('NotFoundException', `Email address ${address} does not exist on your suppression list.`, 404)
}

const badRequest = (message: string): AwsError => new AwsError('BadRequestException', message)
