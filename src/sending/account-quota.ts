/**
 * The quota of an SES account, from GetAccount, which SES accepts once per second and account. So it is cached.
 * https://docs.aws.amazon.com/ses/latest/dg/quotas.html
 */
import { GetAccountCommand, type SESv2Client } from '@aws-sdk/client-sesv2'
import { createBriefCache } from './brief-cache.ts'

export type AccountQuota = {
  /** Recipients per second. */
  readonly perSecond: number
  /** Recipients in 24 hours; absent if unlimited. */
  readonly perDay?: number
  readonly sentLast24Hours: number
  readonly isSandbox: boolean
  readonly isSendingEnabled: boolean
}

const cachedMs = 60_000

/** @returns account and region → its quota, not older than a minute */
export const createAccountQuotas = (now: () => Date) => createBriefCache<AccountQuota>(cachedMs, now)

export async function readAccountQuota(ses: SESv2Client): Promise<AccountQuota> {
  const { SendQuota, ProductionAccessEnabled, SendingEnabled } = await ses.send(new GetAccountCommand({}))
  const { MaxSendRate = 1, Max24HourSend = -1, SentLast24Hours = 0 } = SendQuota ?? {}
  return {
    perSecond: Math.max(1, MaxSendRate),
    // SES says -1 for an account without a daily quota.
    ...(Max24HourSend >= 0 && { perDay: Max24HourSend }),
    sentLast24Hours: SentLast24Hours,
    isSandbox: ProductionAccessEnabled === false,
    isSendingEnabled: SendingEnabled !== false,
  }
}
