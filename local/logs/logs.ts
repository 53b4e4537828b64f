/**
 * CloudWatch Logs, limited to what Lambda and SNS use: log groups, log streams, and writing lines.
 *
 * Lambda calls it with the function's role and SNS with the role of the topic. A role without these permissions loses its logs, as on AWS.
 */
import * as v from 'valibot'
import { AwsError, type Service } from '../service.ts'
import { readInput } from '../wire/input.ts'

export type Logs = Service & {
  /** Creates a log group if it does not exist, for the deployment. */
  createGroup(name: string): void
  /** Every line of a group, oldest first. */
  lines(group: string): readonly string[]
  /** Adds lines of a role that the gate has already authorised. */
  append(group: string, lines: readonly string[]): void
}

const groupInput = v.object({ logGroupName: v.string() })
const stream = v.object({ logGroupName: v.string(), logStreamName: v.string() })
const events = v.object({
  ...stream.entries,
  logEvents: v.array(v.object({ timestamp: v.number(), message: v.string() })),
})

export function createLogs(): Logs {
  const groups = new Map<string, { streams: Set<string>; lines: string[] }>()
  const find = (name: string) => {
    const group = groups.get(name)
    if (group) return group
    throw new AwsError('ResourceNotFoundException', 'The specified log group does not exist.')
  }
  return {
    createGroup(name) {
      if (!groups.has(name)) groups.set(name, { streams: new Set(), lines: [] })
    },
    lines: (group) => groups.get(group)?.lines ?? [],
    append(group, lines) {
      find(group).lines.push(...lines)
    },
    operations: {
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
        group.lines.push(...input.logEvents.map((event) => event.message))
        return {}
      },
    },
  }
}
