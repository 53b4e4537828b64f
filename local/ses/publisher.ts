/**
 * Publishes to topics as ses.amazonaws.com on behalf of an account's configuration set or identity. Only the policy of the topic decides.
 * A refused event is lost, as in SES, and recorded in `unpublished`.
 */
import { AwsError, type Platform } from '../service.ts'
import type { SesAccount } from './account.ts'

export type UnpublishedEvent = { account: string; sourceArn: string; topicArn: string; code: string }

export type EventPublisher = {
  /** Resolves with the refusal, or undefined on success. */
  publish(
    account: SesAccount,
    sourceArn: string,
    topicArn: string,
    message: string,
    subject?: string,
  ): Promise<AwsError | undefined>
  readonly unpublished: readonly UnpublishedEvent[]
}

export function createEventPublisher(platform: Platform): EventPublisher {
  const unpublished: UnpublishedEvent[] = []
  return {
    unpublished,
    async publish({ account }, sourceArn, topicArn, message, subject) {
      try {
        await platform.callAsService('ses.amazonaws.com', { sourceAccount: account, sourceArn }, 'sns', 'Publish', {
          TopicArn: topicArn,
          Message: message,
          ...(subject !== undefined && { Subject: subject }),
        })
        return undefined
      } catch (cause) {
        if (!(cause instanceof AwsError)) throw cause
        unpublished.push({ account, sourceArn, topicArn, code: cause.code })
        return cause
      }
    },
  }
}
