/**
 * CloudWatch Logs: the commands with which functions and topics write their logs. IAM authorises a new stream and log events on the log
 * stream, so a grant ends in `log-group:NAME:*`. It authorises a new group on the log group.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatchlogs.html
 */
import * as v from 'valibot'
import { type Entry, entry, localArn } from './entry.ts'

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

export const logs: Readonly<Record<string, Entry>> = {
  CreateLogGroup: entry(['logs:CreateLogGroup'], groupInput, ({ logGroupName }, place) => {
    const resource = localArn('logs', place, `log-group:${logGroupName}`)
    return [{ action: 'logs:CreateLogGroup', resource, resourceAccount: place.account, context: {} }]
  }),
  CreateLogStream: ofStream('CreateLogStream'),
  PutLogEvents: ofStream('PutLogEvents'),
}
