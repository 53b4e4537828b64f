/** What a function logs, on its way to CloudWatch Logs. */
import { randomUUID } from 'node:crypto'
import { AwsError, type Platform } from '../service.ts'
import type { LambdaFunction } from './function.ts'
import type { Logs } from '../logs/logs.ts'

/**
 * The function's log, written with its role. The gate is asked once a sandbox for the stream and once for the lines; where it refuses,
 * the lines are lost, and that is recorded.
 */
export async function openLog(fn: LambdaFunction, platform: Platform, logs: Logs) {
  const { roleArn, logGroup: logGroupName } = fn.definition
  const logStreamName = `${platform.clock.now().toISOString().slice(0, 10).replaceAll('-', '/')}/[$LATEST]${randomUUID().replaceAll('-', '')}`
  const lines: string[] = []
  let refusal = await refusalOf(() =>
    platform.callAsRole(roleArn, 'logs', 'CreateLogStream', { logGroupName, logStreamName }),
  )
  let proven = false
  const put = async (batch: readonly string[]): Promise<void> => {
    if (refusal === undefined && !proven) {
      const timestamp = platform.clock.now().getTime()
      const logEvents = batch.map((message) => ({ timestamp, message }))
      const input = { logGroupName, logStreamName, logEvents }
      refusal = await refusalOf(() => platform.callAsRole(roleArn, 'logs', 'PutLogEvents', input))
      proven = refusal === undefined
    } else if (refusal === undefined) logs.append(logGroupName, batch)
    const cause = refusal
    if (cause !== undefined) fn.lostLines.push(...batch.map((line) => ({ line, refusal: cause })))
  }
  return {
    write: (line: string) => void lines.push(line),
    flush: async () => {
      if (lines.length > 0) await put(lines.splice(0))
    },
  }
}

async function refusalOf(act: () => Promise<object>): Promise<string | undefined> {
  try {
    await act()
    return undefined
  } catch (cause) {
    if (cause instanceof AwsError) return cause.message
    throw cause
  }
}
