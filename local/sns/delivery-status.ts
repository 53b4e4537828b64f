/**
 * Delivery status logging: SNS writes each failed delivery to a log group named after the topic, with the role that the topic names.
 *
 * When the role may not write, SNS reports nothing, as on AWS. The gate's record has the refusal. The notification itself is not logged.
 * https://docs.aws.amazon.com/sns/latest/dg/sns-topic-attributes.html
 */
import type { Ids } from '../ids.ts'
import { AwsError, type Platform } from '../service.ts'
import type { Notification } from './notification.ts'
import type { Subscription, Topic } from './topic.ts'

export function createDeliveryStatus(platform: Platform, ids: Ids) {
  return async (topic: Topic, subscription: Subscription, { id }: Notification, cause: AwsError): Promise<void> => {
    const roleArn = topic.attributes.LambdaFailureFeedbackRoleArn
    if (roleArn === undefined || subscription.protocol !== 'lambda') return
    const logGroupName = `sns/${platform.region}/${topic.account}/${topic.name}/Failure`
    const logStreamName = ids.uuid()
    const timestamp = platform.clock.now().getTime()
    const message = JSON.stringify({
      notification: { messageId: id, topicArn: topic.arn, timestamp: new Date(timestamp).toISOString() },
      delivery: { destination: subscription.endpoint, providerResponse: cause.code, statusCode: cause.status },
      status: 'FAILURE',
    })
    const callAsTopicRole = (operation: string, input: object) => platform.callAsRole(roleArn, 'logs', operation, input)
    try {
      await platform.assumeAsService('sns.amazonaws.com', roleArn, 'delivery-status')
      await callAsTopicRole('CreateLogGroup', { logGroupName }).catch(ignoreExisting)
      await callAsTopicRole('CreateLogStream', { logGroupName, logStreamName })
      await callAsTopicRole('PutLogEvents', { logGroupName, logStreamName, logEvents: [{ timestamp, message }] })
    } catch (refusal) {
      if (!(refusal instanceof AwsError)) throw refusal
    }
  }
}

function ignoreExisting(cause: unknown): void {
  if (cause instanceof AwsError && cause.code === 'ResourceAlreadyExistsException') return
  throw cause
}
