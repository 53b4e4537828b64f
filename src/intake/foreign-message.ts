/**
 * Messages of other services that share a topic with SES, so that the error names what they are. Pure.
 */
import { isObject, type JsonObject } from './json-object.ts'

/** By their members. https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html and those of each service */
const foreign: readonly (readonly [what: string, is: (message: JsonObject) => boolean])[] = [
  ['an alarm of CloudWatch', (message) => 'AlarmName' in message || 'AlarmArn' in message],
  ['a test notification of S3', ({ Event }) => Event === 's3:TestEvent'],
  ['a notification of Auto Scaling', (message) => 'AutoScalingGroupName' in message],
  ['a notification of RDS', (message) => 'Event Source' in message && 'Event ID' in message],
  ['a notification of AWS Budgets', (message) => 'budgetName' in message],
]

const foreignSources: Readonly<Record<string, string>> = {
  'aws:s3': 'a notification of S3',
  'aws:dynamodb': 'a record of a DynamoDB stream',
  'aws:codecommit': 'a notification of CodeCommit',
}

/** What the message, or the first of its records, is; `undefined` if it may have been an event of SES. */
export function foreignMessageOf(message: JsonObject): string | undefined {
  const known = foreign.find(([, is]) => is(message))?.[0]
  if (known !== undefined) return known
  const [first] = Array.isArray(message.Records) ? message.Records : [message]
  return isObject(first) && typeof first.eventSource === 'string' ? foreignSources[first.eventSource] : undefined
}

/** Members that an event of SES has, of which a changed one keeps some. */
const ownMembers = ['mail', 'bounce', 'complaint', 'delivery', 'send', 'reject', 'open', 'click', 'failure']

/** Whether the message has nothing of an event of SES. */
export const hasNothingOfSes = (message: JsonObject): boolean => !ownMembers.some((member) => member in message)

/** What a plain text is that other services publish; `undefined` if it is none of them. */
export function foreignTextOf(text: string): string | undefined {
  if (/^StackId='/m.test(text.slice(0, 2_000))) return 'a notification of CloudFormation'
  return undefined
}
