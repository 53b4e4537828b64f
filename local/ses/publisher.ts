/**
 * Publishes to topics as ses.amazonaws.com on behalf of an account's configuration set or identity: the topic's policy alone decides.
 * What it refuses is lost, as with SES; here it is also written down.
 */
import { AwsError, type Platform } from '../service.ts'
import type { SesAccount } from './account.ts'

export type Unpublished = { account: string; sourceArn: string; topicArn: string; code: string }

export type Publisher = {
  /** Resolves with the refusal, if there was one. */
  publish(
    account: SesAccount,
    sourceArn: string,
    topicArn: string,
    message: string,
    subject?: string,
  ): Promise<AwsError | undefined>
  readonly unpublished: readonly Unpublished[]
}

export function createEventPublisher(platform: Platform): Publisher {
  const unpublished: Unpublished[] = []
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
