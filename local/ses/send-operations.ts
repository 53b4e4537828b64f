/**
 * SendEmail: refuses what SES refuses, accepts the rest at once, and tells later (in the background) what became of it.
 *
 * Like SES it fills the account list by itself after a hard bounce or a complaint, where the configuration set or else the account says
 * so; never for the mailbox simulator.
 */
import { createIds } from '../ids.ts'
import { AwsError, type Platform, type ServiceCall, type ServiceOperation } from '../service.ts'
import { readInput } from '../wire/input.ts'
import { findConfigurationSet, findIdentity, findSuppression, type SesAccount } from './account.ts'
import { bareAddress, mailOf, sendInput } from './mail.ts'
import { isSimulator, type Mailboxes } from './mailboxes.ts'
import { createSesId, type PublishedEvent, publishEvent, type SentMail } from './publish-event.ts'
import type { Publisher } from './publisher.ts'
import { echoOf, type RecipientEvent, recipientEventsOf } from './recipient-event.ts'

/** The text by which virus scanners are tested: SES rejects mail that carries it. */
const TEST_VIRUS = 'EICAR-STANDARD-ANTIVIRUS-TEST-FILE'

export function sendOperations(
  platform: Platform,
  accountOf: (call: ServiceCall) => SesAccount,
  mailboxes: Mailboxes,
  publisher: Publisher,
): Record<string, ServiceOperation> {
  const ids = createIds('ses')

  const accept = (call: ServiceCall): SentMail => {
    const account = accountOf(call)
    const input = readInput(sendInput, call, 'BadRequestException')
    const letter = mailOf(input, account)
    const sender = bareAddress(letter.source)
    const identity = findIdentity(account, sender)
    const unverified = [sender, ...(account.productionAccess ? [] : letter.recipients)].filter(
      (address) => !isSimulator(address) && !findIdentity(account, address)?.verified,
    )
    if (!identity || unverified.length > 0) {
      const region = account.region.toUpperCase()
      throw new AwsError(
        'MessageRejected',
        `Email address is not verified. The following identities failed the check in region ${region}: ${unverified.join(', ')}`,
      )
    }
    const setName = input.ConfigurationSetName ?? identity.defaultConfigurationSet
    const set = setName === undefined ? undefined : findConfigurationSet(account, setName)
    if (set && !set.sendingEnabled) {
      throw new AwsError('SendingPausedException', `Sending is paused for configuration set <${set.name}>.`)
    }
    return {
      account,
      identity,
      set,
      letter,
      messageId: createSesId(ids, call.at),
      at: call.at,
      callerIdentity: call.caller.role?.name ?? 'root',
      sourceIp: '192.0.2.0',
      emailTags: input.EmailTags,
    }
  }

  /** What becomes of the mail, in order. Lists are asked and filled on the way, as each recipient's turn comes. */
  const follow = async (mail: SentMail): Promise<void> => {
    const tell = (event: PublishedEvent): Promise<void> =>
      publishEvent(mail, event, platform.clock.now(), ids, publisher)
    const { renderingFailure, body } = mail.letter
    if (renderingFailure) return tell({ type: 'Rendering Failure', isFeedback: false, details: renderingFailure })
    if (body.includes(TEST_VIRUS))
      return tell({ type: 'Reject', isFeedback: false, details: { reason: 'Bad content' } })
    await tell({ type: 'Send', isFeedback: false, details: {} })
    for (const recipient of mail.letter.recipients) {
      for (const incident of meet(mail, recipient)) await tell(incident)
    }
  }

  const meet = (mail: SentMail, recipient: string): RecipientEvent[] => {
    const { account, set, messageId, letter } = mail
    const listed = findSuppression(account, set, recipient)
    if (listed) return [echoOf(listed, recipient)]
    const at = platform.clock.now()
    const behaviour = mailboxes.of(recipient)
    if (behaviour !== 'globally suppressed') {
      account.outgoingMails.push({ messageId, recipient, source: letter.source, subject: letter.subject, at })
    }
    const reason = behaviour === 'hard bounce' ? 'BOUNCE' : behaviour === 'complaint' ? 'COMPLAINT' : undefined
    const reasons = set?.suppressedReasons ?? account.suppressedReasons
    if (reason && reasons.includes(reason) && !isSimulator(recipient)) {
      const address = recipient.toLowerCase()
      account.accountList.set(address, { address, reason, at, messageId })
    }
    return recipientEventsOf(behaviour, recipient, at)
  }

  return {
    SendEmail(call) {
      const mail = accept(call)
      platform.work.start(() => follow(mail))
      return { MessageId: mail.messageId }
    },
  }
}
