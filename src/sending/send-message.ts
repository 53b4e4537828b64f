/**
 * Sends one message through the customer's account: a token of the account's rate, a session for this sender, one attempt.
 *
 * An attempt is repeated only if SES said that it did not accept the mail because of its rate. Whatever else happens, the mail may have been
 * accepted. docs/design/sending.md#why-is-a-send-never-repeated
 */
import { type SESv2Client, SendEmailCommand } from '@aws-sdk/client-sesv2'
import { ThrottledError } from '../access/session/errors.ts'
import type { Purpose, SessionCredentials } from '../access/session/request.ts'
import { sessionStatementsOf } from '../access/session/session-policy.ts'
import type { Sessions } from '../access/session/sessions.ts'
import type { UsableConnection } from '../projects/connection.ts'
import { sleep } from '../time.ts'
import { type AccountQuota, type createAccountQuotas, readAccountQuota } from './account-quota.ts'
import { type Envelope, isOverriding, type Message, sesInputOf } from './message.ts'
import type { SendingRate } from './rate.ts'
import { type SenderNeeds, senderStatementsOf } from './sender-policy.ts'
import { type Rejection, sendFailureOf } from './ses-failure.ts'

export type SendOutcome =
  | { readonly state: 'sent'; readonly messageId: string }
  /** SES did not answer: the mail may have been sent. */
  | { readonly state: 'unknown'; readonly code: string }
  | {
      readonly state: 'rejected'
      readonly rejection: Rejection
      readonly code: string
      readonly retryAfterSeconds?: number
    }

export type SendDependencies = {
  readonly sessions: Pick<Sessions, 'use'>
  readonly quotas: ReturnType<typeof createAccountQuotas>
  readonly rate: SendingRate
  /** An SES client that does not retry. The same credentials have the same client. */
  readonly sesOf: (region: string, credentials: SessionCredentials) => SESv2Client
}

/** How long one message waits for its turn. */
const longestWaitMs = 5_000
/** After SES refused the rate, another sender uses the account, and the tokens are too many. */
const waitAfterThrottleMs = 1_000
/** If SES does not say the quota, it still enforces it. */
const assumedQuota: AccountQuota = { perSecond: 14, sentLast24Hours: 0, isSandbox: false, isSendingEnabled: true }

export function createSender({ sessions, quotas, rate, sesOf }: SendDependencies) {
  const quotaOf = async (connection: UsableConnection): Promise<AccountQuota> => {
    const purpose: Purpose = { name: 'quota', allow: sessionStatementsOf(connection, ['ses:GetAccount']) }
    try {
      return await quotas(accountKeyOf(connection), () =>
        sessions.use(connection, purpose, (credentials) => readAccountQuota(sesOf(connection.region, credentials))),
      )
    } catch (error) {
      if (error instanceof ThrottledError) return assumedQuota
      throw error
    }
  }

  /** One attempt. The session is renewed once if SES rejects it, because then it has not looked at the mail. */
  const attemptOnce = (
    connection: UsableConnection,
    message: Message,
    envelope: Envelope,
    attempt: string,
    isSandbox: boolean,
  ): Promise<SendOutcome> =>
    sessions.use(
      connection,
      { name: 'send', allow: senderStatementsOf(connection, message.from, needsOf(message)) },
      async (credentials) => {
        const input = sesInputOf(connection.project, message, envelope, attempt)
        try {
          const { MessageId: messageId } = await sesOf(connection.region, credentials).send(new SendEmailCommand(input))
          return messageId === undefined ? { state: 'unknown', code: 'no message id' } : { state: 'sent', messageId }
        } catch (error) {
          const failure = sendFailureOf(error, isSandbox)
          if (!failure) throw error
          const { code } = failure
          if (failure.accepted === 'unknown') return { state: 'unknown', code }
          return { state: 'rejected', rejection: failure.rejection, code }
        }
      },
    )

  /**
   * @param attempt the id of the attempt, with which the mail is tagged
   * @throws ConnectionError if the account cannot be entered, or denies the call
   */
  return async (
    connection: UsableConnection,
    message: Message,
    envelope: Envelope,
    attempt: string,
  ): Promise<SendOutcome> => {
    const quota = await quotaOf(connection)
    const recipients = envelope.to.length + envelope.cc.length + envelope.bcc.length
    const exhausted = quotaRejectionOf(quota, recipients)
    if (exhausted) return exhausted
    let waitedMs = 0
    for (;;) {
      const waitMs = await rate.take(accountKeyOf(connection), recipients, quota.perSecond)
      if (waitMs > 0) {
        if (waitedMs + waitMs > longestWaitMs) return throttled('own rate', recipients, quota)
        waitedMs += waitMs
        await sleep(waitMs)
        continue
      }
      const outcome = await attemptOnce(connection, message, envelope, attempt, quota.isSandbox)
      if (outcome.state !== 'rejected' || outcome.rejection !== 'rate-exceeded') return outcome
      if (waitedMs + waitAfterThrottleMs > longestWaitMs) return throttled(outcome.code, recipients, quota)
      waitedMs += waitAfterThrottleMs
      await sleep(waitAfterThrottleMs)
    }
  }
}

const needsOf = (message: Message): SenderNeeds => ({
  usesTemplate: message.template !== undefined,
  overridesTracking: isOverriding(message),
})

const accountKeyOf = ({ account, region }: UsableConnection) => `${account}#${region}`

function quotaRejectionOf(
  { perDay, sentLast24Hours, isSendingEnabled }: AccountQuota,
  recipients: number,
): SendOutcome | undefined {
  if (!isSendingEnabled) return { state: 'rejected', rejection: 'sending-paused', code: 'SendingEnabled' }
  if (perDay === undefined || sentLast24Hours + recipients <= perDay) return undefined
  // The quota counts the last 24 hours. If mail was sent evenly, this is when the next recipients fit.
  const retryAfterSeconds = Math.max(60, Math.ceil((recipients * 86_400) / Math.max(1, perDay)))
  return { state: 'rejected', rejection: 'quota-exhausted', code: 'Max24HourSend', retryAfterSeconds }
}

const throttled = (code: string, recipients: number, { perSecond }: AccountQuota): SendOutcome => ({
  state: 'rejected',
  rejection: 'rate-exceeded',
  code,
  retryAfterSeconds: Math.max(1, Math.ceil(recipients / perSecond)),
})
