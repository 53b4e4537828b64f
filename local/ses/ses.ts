/**
 * SES (API version 2) for any number of accounts: identities, configuration sets, mail to simulated mailboxes, events, account lists.
 *
 * Events are published to SNS as ses.amazonaws.com on behalf of the sending account, so the policy of the topic decides whether they arrive.
 */
import type { Platform, Service } from '../service.ts'
import { createSesAccount, findIdentity, type Identity, type SesAccount, type SesFeedbackType } from './account.ts'
import { accountOperations } from './account-operations.ts'
import { configurationOperations } from './configuration-operations.ts'
import { identityOperations } from './identity-operations.ts'
import { keptSesState } from './kept-state.ts'
import { createMailboxes, type Mailboxes } from './mailboxes.ts'
import { createEventPublisher, type EventPublisher } from './publisher.ts'
import { sendOperations } from './send-operations.ts'
import { templateOperations } from './template-operations.ts'

export type Ses = Service & {
  /** The behaviour of addresses and domains. The mailbox simulator always works. */
  readonly mailboxes: Mailboxes
  /** The state of an account. Default region: the region of the stack. */
  account(account: string, region?: string): SesAccount
  /** Events that the policy of a topic refused. */
  readonly unpublished: EventPublisher['unpublished']
  /** Whether an event destination may name a topic of another account, if the policy of the topic allows it. */
  acceptsForeignTopics: boolean
  /**
   * Sets or removes the topic of an identity for one kind of feedback. It belongs to SES's API version 1; version 2 has no such operation.
   *
   * @returns the error code when the policy of the topic refuses SES. The topic is then not set.
   */
  setFeedbackTopic(
    account: string,
    identity: string,
    type: SesFeedbackType,
    topicArn: string | undefined,
  ): Promise<string | undefined>
}

export function createSes(platform: Platform): Ses {
  const accounts = new Map<string, SesAccount>()
  const mailboxes = createMailboxes()
  const publisher = createEventPublisher(platform)

  const account = (id: string, region = platform.region): SesAccount => {
    const key = `${id} ${region}`
    const known = accounts.get(key) ?? createSesAccount(id, region)
    accounts.set(key, known)
    return known
  }
  const identityOf = (id: string, name: string): Identity => {
    const identity = account(id).identities.get(name)
    if (identity) return identity
    throw new Error(`Account ${id} has no such identity: create it first`)
  }
  const accountOf = (call: { account: string; region: string }): SesAccount => account(call.account, call.region)

  const ses: Ses = {
    acceptsForeignTopics: true,
    mailboxes,
    account,
    keeps: () => keptSesState(accounts, mailboxes),
    resourceContext: (call) => ({
      sendingIdentityOf: (address) => findIdentity(accountOf(call), address)?.name,
      defaultConfigurationSetOf: (address) => findIdentity(accountOf(call), address)?.defaultConfigurationSet,
      tenantIdOf: (tenant) => accountOf(call).tenants.get(tenant)?.id,
    }),
    unpublished: publisher.unpublished,
    async setFeedbackTopic(id, name, type, topicArn) {
      const identity = identityOf(id, name)
      if (topicArn === undefined) {
        identity.feedbackTopics.delete(type)
        return undefined
      }
      const text = JSON.stringify({
        notificationType: 'AmazonSnsSubscriptionSucceeded',
        message: `You have successfully subscribed your Amazon SNS topic '${topicArn}' to receive '${type}' notifications from Amazon SES for identity '${name}'.`,
      })
      const refusal = await publisher.publish(account(id), identity.arn, topicArn, text)
      if (!refusal) identity.feedbackTopics.set(type, topicArn)
      return refusal?.code
    },
    operations: {
      ...accountOperations(accountOf),
      ...identityOperations(accountOf),
      ...templateOperations(accountOf),
      ...configurationOperations(accountOf, publisher, () => ses.acceptsForeignTopics),
      ...sendOperations(platform, accountOf, mailboxes, publisher),
    },
  }
  return ses
}
