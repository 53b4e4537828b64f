/** Writes the log lines of a function to CloudWatch Logs with the function's role. */
import { randomUUID } from 'node:crypto'
import type { Logs } from '../logs/logs.ts'
import { AwsError, type Platform } from '../service.ts'
import type { LambdaFunction } from './function.ts'

/**
 * Opens the log of one sandbox. The gate authorises CreateLogStream and PutLogEvents once per sandbox. When it refuses, the lines are lost
 * and recorded in `lostLines`.
 */
export async function openLog(fn: LambdaFunction, platform: Platform, logs: Logs) {
  const { roleArn, logGroup: logGroupName } = fn.definition
  const logStreamName = `${platform.clock.now().toISOString().slice(0, 10).replaceAll('-', '/')}/[$LATEST]${randomUUID().replaceAll('-', '')}`
  const lines: string[] = []
  let refusal = await refusalOf(() =>
    platform.callAsRole(roleArn, 'logs', 'CreateLogStream', { logGroupName, logStreamName }),
  )
  let putAllowed = false
  const put = async (batch: readonly string[]): Promise<void> => {
    if (refusal === undefined && !putAllowed) {
      const timestamp = platform.clock.now().getTime()
      const logEvents = batch.map((message) => ({ timestamp, message }))
      const input = { logGroupName, logStreamName, logEvents }
      refusal = await refusalOf(() => platform.callAsRole(roleArn, 'logs', 'PutLogEvents', input))
      putAllowed = refusal === undefined
    } else if (refusal === undefined) logs.append(logGroupName, batch, platform.clock.now())
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
