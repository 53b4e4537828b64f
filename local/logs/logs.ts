/**
 * CloudWatch Logs, limited to what Lambda and SNS use: log groups, log streams, and writing lines.
 *
 * Lambda calls it with the function's role and SNS with the role of the topic. A role without these permissions loses its logs, as on AWS.
 */
import * as v from 'valibot'
import { AwsError, type Platform, type Service, type ServiceCall } from '../service.ts'
import { readInput } from '../wire/input.ts'

export type Logs = Service & {
  /** Creates a log group if it does not exist, for the deployment. */
  createGroup(name: string): void
  /** Every line of a group, oldest first. */
  lines(group: string): readonly string[]
  /** Adds lines of a role that the gate has already authorised. */
  append(group: string, lines: readonly string[], at: Date): void
}

type Line = { readonly timestamp: number; readonly message: string }

const filterInput = v.object({
  logGroupName: v.optional(v.string()),
  logGroupIdentifier: v.optional(v.string()),
  startTime: v.optional(v.number(), 0),
  endTime: v.optional(v.number(), Number.POSITIVE_INFINITY),
  filterPattern: v.optional(v.string(), ''),
  nextToken: v.optional(v.string(), '0'),
  limit: v.optional(v.number(), 10_000),
})
const groupInput = v.object({ logGroupName: v.string() })
const stream = v.object({ logGroupName: v.string(), logStreamName: v.string() })
const events = v.object({
  ...stream.entries,
  logEvents: v.array(v.object({ timestamp: v.number(), message: v.string() })),
})

const prefixInput = v.object({ logGroupNamePrefix: v.optional(v.string()) })

const arnOf = ({ account, region }: ServiceCall, group: string) =>
  `arn:aws:logs:${region}:${account}:log-group:${group}:*`

/** @param account the account of the deployment, to which all groups belong */
export function createLogs({ account }: Pick<Platform, 'account'>): Logs {
  const groups = new Map<string, { streams: Set<string>; lines: Line[] }>()
  const find = (name: string) => {
    const group = groups.get(name)
    if (group) return group
    throw new AwsError('ResourceNotFoundException', 'The specified log group does not exist.')
  }
  return {
    createGroup(name) {
      if (!groups.has(name)) groups.set(name, { streams: new Set(), lines: [] })
    },
    lines: (group) => (groups.get(group)?.lines ?? []).map(({ message }) => message),
    append(group, lines, at) {
      find(group).lines.push(...lines.map((message) => ({ message, timestamp: at.getTime() })))
    },
    operations: {
      DescribeLogGroups(call) {
        const { logGroupNamePrefix = '' } = readInput(prefixInput, call, 'InvalidParameterException')
        const names = [...groups.keys()].filter(
          (name) => call.account === account && name.startsWith(logGroupNamePrefix),
        )
        return {
          logGroups: names.sort().map((logGroupName) => ({ logGroupName, arn: arnOf(call, logGroupName) })),
        }
      },
      /** `aws logs tail` calls it. A pattern is a list of words that must all occur. */
      FilterLogEvents(call) {
        const input = readInput(filterInput, call, 'InvalidParameterException')
        const name =
          input.logGroupName ?? input.logGroupIdentifier?.replace(/^.*:log-group:/, '').replace(/:\*$/, '') ?? ''
        const words = input.filterPattern.split(/\s+/).map((word) => word.replace(/^"(.*)"$/, '$1'))
        const found = [...find(call.account === account ? name : '').lines.entries()].filter(
          ([, { timestamp, message }]) =>
            timestamp >= input.startTime && timestamp <= input.endTime && words.every((word) => message.includes(word)),
        )
        const from = Number(input.nextToken)
        const page = found.slice(from, from + input.limit)
        return {
          events: page.map(([at, { timestamp, message }]) => ({
            logStreamName: 'all',
            timestamp,
            ingestionTime: timestamp,
            message,
            eventId: `${name}/${at}`,
          })),
          ...(found.length > from + input.limit && { nextToken: String(from + input.limit) }),
        }
      },
      CreateLogGroup(call) {
        const { logGroupName } = readInput(groupInput, call, 'InvalidParameterException')
        if (groups.has(logGroupName)) {
          throw new AwsError('ResourceAlreadyExistsException', 'The specified log group already exists')
        }
        groups.set(logGroupName, { streams: new Set(), lines: [] })
        return {}
      },
      CreateLogStream(call) {
        const input = readInput(stream, call, 'InvalidParameterException')
        const { streams } = find(input.logGroupName)
        if (streams.has(input.logStreamName)) {
          throw new AwsError('ResourceAlreadyExistsException', 'The specified log stream already exists')
        }
        streams.add(input.logStreamName)
        return {}
      },
      PutLogEvents(call) {
        const input = readInput(events, call, 'InvalidParameterException')
        const group = find(input.logGroupName)
        if (!group.streams.has(input.logStreamName)) {
          throw new AwsError('ResourceNotFoundException', 'The specified log stream does not exist.')
        }
        group.lines.push(...input.logEvents)
        return {}
      },
    },
  }
}
