/**
 * CloudWatch Logs: the commands with which functions and topics write their logs. IAM authorises a new stream and log events on the log
 * stream, so a grant ends in `log-group:NAME:*`. It authorises a new group on the log group.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatchlogs.html
 */
import * as v from 'valibot'
import { type Entry, entry, localArn, MalformedInputError } from './entry.ts'

const streamInput = v.object({
  logGroupName: v.pipe(v.string(), v.regex(/^[\w./#-]{1,512}$/, 'is not the name of a log group')),
  logStreamName: v.pipe(v.string(), v.regex(/^[^:*]{1,512}$/, 'is not the name of a log stream')),
})

const groupInput = v.object({
  logGroupName: v.pipe(v.string(), v.regex(/^[\w./#-]{1,512}$/, 'is not the name of a log group')),
})

const ofStream = (action: string): Entry =>
  entry([`logs:${action}`], streamInput, ({ logGroupName, logStreamName }, place) => {
    const resource = localArn('logs', place, `log-group:${logGroupName}:log-stream:${logStreamName}`)
    return [{ action: `logs:${action}`, resource, resourceAccount: place.account, context: {} }]
  })

/** Reading names the group, by its name or ARN. */
const readInput = v.object({
  logGroupName: v.optional(groupInput.entries.logGroupName),
  logGroupIdentifier: v.optional(
    v.pipe(
      v.string(),
      v.transform((text) => text.replace(/^arn:[\w-]+:logs:[\w-]*:\d{12}:log-group:/, '').replace(/:\*$/, '')),
      groupInput.entries.logGroupName,
    ),
  ),
})

export const logs: Readonly<Record<string, Entry>> = {
  DescribeLogGroups: entry(['logs:DescribeLogGroups'], v.unknown(), (_, place) => [
    {
      action: 'logs:DescribeLogGroups',
      resource: localArn('logs', place, 'log-group:*'),
      resourceAccount: place.account,
      context: {},
    },
  ]),
  FilterLogEvents: entry(['logs:FilterLogEvents'], readInput, ({ logGroupName, logGroupIdentifier }, place) => {
    const group = logGroupName ?? logGroupIdentifier
    if (group === undefined) throw new MalformedInputError('logGroupName', 'is missing')
    const resource = localArn('logs', place, `log-group:${group}`)
    return [{ action: 'logs:FilterLogEvents', resource, resourceAccount: place.account, context: {} }]
  }),
  CreateLogGroup: entry(['logs:CreateLogGroup'], groupInput, ({ logGroupName }, place) => {
    const resource = localArn('logs', place, `log-group:${logGroupName}`)
    return [{ action: 'logs:CreateLogGroup', resource, resourceAccount: place.account, context: {} }]
  }),
  CreateLogStream: ofStream('CreateLogStream'),
  PutLogEvents: ofStream('PutLogEvents'),
}
