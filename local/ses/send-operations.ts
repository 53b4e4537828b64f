/**
 * SendEmail and SendBulkEmail: refuse what SES refuses, accept everything else at once, and publish the events later in the background.
 *
 * Like SES, it adds an address to the account list after a hard bounce or a complaint, if the configuration set or else the account
 * suppresses that reason. Addresses of the mailbox simulator are never added.
 */
import { AwsError, type Platform, type ServiceCall, type ServiceOperation } from '../service.ts'
import { readInput } from '../wire/input.ts'
import {
  findConfigurationSet,
  findIdentity,
  findSuppression,
  findTenant,
  listFor,
  quotaOf,
  type SesAccount,
  sentLast24Hours,
  type TrackingOverrides,
} from './account.ts'
import { bareAddress, mailOf } from './mail.ts'
import { isSimulator, type Mailboxes } from './mailboxes.ts'
import { createSesId, type PublishedEvent, publishEvent, type SentMail } from './publish-event.ts'
import type { EventPublisher } from './publisher.ts'
import { echoOf, type RecipientEvent, recipientEventsOf } from './recipient-event.ts'
import { bulkInput, mailsOf, type SendInput, sendInput } from './send-input.ts'
import { hasMailFrom, isVerified } from './verification.ts'

/**
 * Takes a part of the rate for each recipient. A message passes if any is left, and SES allows short bursts.
 * @throws AwsError TooManyRequestsException
 */
function takeRate(account: SesAccount, recipients: number, at: Date): void {
  const { sendRate } = account
  if (!sendRate.isEnforced) return
  if (sentLast24Hours(account, at) + recipients > quotaOf(account))
    throw new AwsError('TooManyRequestsException', 'Daily message quota exceeded.', 429)
  const second = Math.floor(at.getTime() / 1_000)
  if (sendRate.second !== second) Object.assign(sendRate, { second, sent: 0 })
  if (sendRate.sent >= sendRate.perSecond * 1.2)
    throw new AwsError('TooManyRequestsException', 'Maximum sending rate exceeded.', 429)
  sendRate.sent += recipients
}

/** @throws AwsError if AWS has suspended the account, or its owner has paused it */
function requireSending({ enforcement, sendingEnabled }: SesAccount): void {
  if (enforcement === 'SHUTDOWN') throw new AwsError('AccountSuspendedException', 'The account is suspended.')
  if (!sendingEnabled)
    throw new AwsError(
      'SendingPausedException',
      'Sending is paused for this account. For more information, please check the inbox of the email address associated with your AWS account.',
    )
}

/** The test text for virus scanners. SES rejects mail that contains it. */
const TEST_VIRUS = 'EICAR-STANDARD-ANTIVIRUS-TEST-FILE'

export function sendOperations(
  platform: Platform,
  accountOf: (call: ServiceCall) => SesAccount,
  mailboxes: Mailboxes,
  publisher: EventPublisher,
): Record<string, ServiceOperation> {
  const ids = platform.createIds('ses')

  const accept = (call: ServiceCall, input: SendInput): SentMail => {
    const account = accountOf(call)
    requireSending(account)
    const content = mailOf(input, account)
    const sender = bareAddress(content.source)
    const identity = findIdentity(account, sender)
    const unverified = [sender, ...(account.productionAccess ? [] : content.recipients)].filter(
      (address) => !isSimulator(address) && !isVerifiedAddress(account, address),
    )
    if (!identity || unverified.length > 0) {
      const region = account.region.toUpperCase()
      throw new AwsError(
        'MessageRejected',
        `Email address is not verified. The following identities failed the check in region ${region}: ${unverified.join(', ')}`,
      )
    }
    if (identity.mailFrom?.onMxFailure === 'REJECT_MESSAGE' && !hasMailFrom(account, identity))
      throw new AwsError('MailFromDomainNotVerifiedException', 'The MAIL FROM domain of the identity is not verified.')
    takeRate(account, content.recipients.length, call.at)
    const setName = input.ConfigurationSetName ?? identity.defaultConfigurationSet
    const set = setName === undefined ? undefined : findConfigurationSet(account, setName)
    if (set && !set.sendingEnabled) {
      throw new AwsError('SendingPausedException', `Sending is paused for configuration set <${set.name}>.`)
    }
    return {
      account,
      identity,
      set,
      tenant: input.TenantName === undefined ? undefined : findTenant(account, input.TenantName),
      content,
      messageId: createSesId(ids, call.at),
      at: call.at,
      callerIdentity: call.caller.role?.name ?? 'root',
      sourceIp: '192.0.2.0',
      emailTags: input.EmailTags,
      tracking: trackingOf(input),
    }
  }

  /** Publishes the events of a mail in order. The account list is read and extended recipient by recipient. */
  const publishEvents = async (mail: SentMail): Promise<void> => {
    const publish = (event: PublishedEvent): Promise<void> =>
      publishEvent(mail, event, platform.clock.now(), ids, publisher)
    const { renderingFailure, body } = mail.content
    if (renderingFailure) return publish({ type: 'Rendering Failure', isFeedback: false, details: renderingFailure })
    if (body.includes(TEST_VIRUS))
      return publish({ type: 'Reject', isFeedback: false, details: { reason: 'Bad content' } })
    await publish({ type: 'Send', isFeedback: false, details: {} })
    for (const recipient of mail.content.recipients) {
      for (const event of sendTo(mail, recipient)) await publish(event)
    }
  }

  /** Sends to one recipient and returns the events that follow. */
  const sendTo = (mail: SentMail, recipient: string): RecipientEvent[] => {
    const { account, set, tenant, messageId, content, tracking } = mail
    const list = listFor(account, set, tenant)
    const listed = findSuppression(account, set, tenant, recipient)
    if (listed) return [echoOf(listed, recipient, list === account.accountList ? 'Account' : 'Tenant')]
    const at = platform.clock.now()
    const behaviour = mailboxes.of(recipient)
    if (behaviour !== 'globally suppressed') {
      const { source, subject } = content
      account.outgoingMails.push({ messageId, recipient, source, subject, at, ...(tracking && { tracking }) })
    }
    const reason = behaviour === 'hard bounce' ? 'BOUNCE' : behaviour === 'complaint' ? 'COMPLAINT' : undefined
    const reasons = set?.suppressedReasons ?? account.suppressedReasons
    if (reason && reasons.includes(reason) && !isSimulator(recipient)) {
      const address = recipient.toLowerCase()
      list?.set(address, { address, reason, at, messageId })
    }
    return recipientEventsOf(behaviour, recipient, at)
  }

  return {
    SendEmail(call) {
      const mail = accept(call, readInput(sendInput, call, 'BadRequestException'))
      platform.work.start(() => publishEvents(mail))
      return { MessageId: mail.messageId }
    },
    /** The answer is a success even if no mail was accepted: each entry has its own status. */
    SendBulkEmail(call) {
      const inputs = mailsOf(readInput(bulkInput, call, 'BadRequestException'))
      return {
        BulkEmailEntryResults: inputs.map((input) => {
          try {
            const mail = accept(call, input)
            platform.work.start(() => publishEvents(mail))
            return { Status: 'SUCCESS', MessageId: mail.messageId }
          } catch (error) {
            if (!(error instanceof AwsError)) throw error
            return { Status: bulkStatusOf(error), Error: error.message }
          }
        }),
      }
    },
  }
}

const isVerifiedAddress = (account: SesAccount, address: string): boolean => {
  const identity = findIdentity(account, address)
  return identity !== undefined && isVerified(account, identity)
}

function trackingOf({ ConfigurationOverrides }: SendInput): TrackingOverrides | undefined {
  const { OpenTrackingEnabled: opens, ClickTrackingEnabled: clicks } = ConfigurationOverrides?.Tracking ?? {}
  if (opens === undefined && clicks === undefined) return undefined
  return {
    ...(opens !== undefined && { opens: opens === 'ENABLED' }),
    ...(clicks !== undefined && { clicks: clicks === 'ENABLED' }),
  }
}

/** The status of an entry of SendBulkEmail for the error that SendEmail would answer. */
function bulkStatusOf({ code, message }: AwsError): string {
  switch (code) {
    case 'TooManyRequestsException':
      return /daily/i.test(message) ? 'ACCOUNT_DAILY_QUOTA_EXCEEDED' : 'ACCOUNT_THROTTLED'
    case 'NotFoundException':
      return message.startsWith('Template') ? 'TEMPLATE_NOT_FOUND' : 'CONFIGURATION_SET_NOT_FOUND'
    case 'SendingPausedException':
      return /configuration set/.test(message) ? 'CONFIGURATION_SET_SENDING_PAUSED' : 'ACCOUNT_SENDING_PAUSED'
    case 'AccountSuspendedException':
      return 'ACCOUNT_SUSPENDED'
    case 'MailFromDomainNotVerifiedException':
      return 'MAIL_FROM_DOMAIN_NOT_VERIFIED'
    case 'MessageRejected':
      return 'MESSAGE_REJECTED'
    default:
      return 'INVALID_PARAMETER'
  }
}
