/**
 * Invokes functions: reuses or starts a sandbox, retries asynchronous events as Lambda does, and sends an event whose retries are exhausted
 * to the function's destination and dead-letter queue with the function's role.
 *
 * Lambda waits one minute before the first retry and two minutes before the second. Here these delays are virtual.
 */

import type { Logs } from '../logs/logs.ts'
import { AwsError, type Platform } from '../service.ts'
import { queueUrlOf } from '../sqs/directory.ts'
import {
  type Attempt,
  type InvocationFailure,
  type InvocationResult,
  invocationFailureOf,
  type LambdaFunction,
} from './function.ts'
import { startSandbox } from './sandbox.ts'

const retryDelaysMs = [60_000, 120_000]
const SESSION_MARGIN_MS = 5 * 60_000

/** A failure record that its destination refused. AWS only counts it, as DestinationDeliveryFailures or DeadLetterErrors. */
export type UndeliveredFailure = {
  functionName: string
  requestId: string
  targetArn: string
  code: string
  message: string
}

export type Runner = {
  /** Runs one attempt as soon as a sandbox is free. Never rejects. */
  run(fn: LambdaFunction, event: unknown, requestId: string, number?: number): Promise<InvocationResult>
  /** Starts an asynchronous invocation with its retries and its failure record. */
  startAsync(fn: LambdaFunction, event: unknown, requestId: string): void
  /** Sends a failure record to a queue with the function's role. A refusal is recorded as undelivered. */
  sendFailure(fn: LambdaFunction, requestId: string, targetArn: string, message: object): Promise<void>
}

export function createRunner(
  platform: Platform,
  logs: Logs,
  note: (attempt: Attempt) => void,
  undelivered: UndeliveredFailure[],
): Runner {
  const run: Runner['run'] = async (fn, event, requestId, number = 1) => {
    const limit = fn.options.concurrency ?? 1
    if (fn.running >= limit) await new Promise<void>((resolve) => fn.waiting.push(resolve))
    else fn.running++
    const before = fn.coldStarts
    const finished = await inSandbox(fn, event, requestId)
    const functionName = fn.definition.name
    note({ functionName, requestId, number, event, coldStart: fn.coldStarts > before, finished })
    const next = fn.waiting.shift()
    // The slot passes directly to the next waiter, so that a new invocation cannot take it in between.
    if (next) next()
    else fn.running--
    return finished
  }

  const inSandbox = async (fn: LambdaFunction, event: unknown, requestId: string): Promise<InvocationResult> => {
    try {
      const earliestExpiry = platform.clock.now().getTime() + SESSION_MARGIN_MS
      let sandbox = fn.idle.pop()
      if (!sandbox || (sandbox.expiresAt && sandbox.expiresAt.getTime() < earliestExpiry)) {
        fn.coldStarts++
        sandbox = await startSandbox(fn, platform, logs)
      }
      const finished = await sandbox.run(event, requestId)
      if (!sandbox.dead) fn.idle.push(sandbox)
      return finished
    } catch (cause) {
      return { failure: invocationFailureOf(cause) }
    }
  }

  const attempt = async (fn: LambdaFunction, event: unknown, requestId: string, number: number): Promise<void> => {
    const { failure } = await run(fn, event, requestId, number)
    if (!failure) return
    if (number > fn.definition.maximumRetryAttempts) return giveUp(fn, event, requestId, number, failure)
    const delay = retryDelaysMs[number - 1] ?? 0
    platform.work.after(delay, () => attempt(fn, event, requestId, number + 1))
  }

  const giveUp = async (
    fn: LambdaFunction,
    event: unknown,
    requestId: string,
    count: number,
    failure: InvocationFailure,
  ): Promise<void> => {
    const { onFailureArn } = fn.definition
    const { deadLetterArn } = fn.options
    if (onFailureArn) {
      const record = failureRecord(fn, event, requestId, count, failure, platform.clock.now())
      await sendFailure(fn, requestId, onFailureArn, { MessageBody: JSON.stringify(record) })
    }
    if (deadLetterArn) {
      await sendFailure(fn, requestId, deadLetterArn, {
        MessageBody: JSON.stringify(event),
        MessageAttributes: {
          RequestID: { DataType: 'String', StringValue: requestId },
          ErrorCode: { DataType: 'Number', StringValue: '200' },
          ErrorMessage: { DataType: 'String', StringValue: failure.errorMessage.slice(0, 1024) },
        },
      })
    }
  }

  const sendFailure: Runner['sendFailure'] = async (fn, requestId, targetArn, message) => {
    const input = { QueueUrl: queueUrlOf(platform, targetArn), ...message }
    try {
      await platform.callAsRole(fn.definition.roleArn, 'sqs', 'SendMessage', input)
    } catch (cause) {
      if (!(cause instanceof AwsError)) throw cause
      const { code, message: text } = cause
      undelivered.push({ functionName: fn.definition.name, requestId, targetArn, code, message: text })
    }
  }

  return {
    run,
    sendFailure,
    startAsync: (fn, event, requestId) => platform.work.start(() => attempt(fn, event, requestId, 1)),
  }
}

/** The record that Lambda sends to an on-failure destination. */
function failureRecord(
  fn: LambdaFunction,
  event: unknown,
  requestId: string,
  approximateInvokeCount: number,
  failure: InvocationFailure,
  at: Date,
): object {
  return {
    version: '1.0',
    timestamp: at.toISOString(),
    requestContext: {
      requestId,
      functionArn: `${fn.definition.arn}:$LATEST`,
      condition: 'RetriesExhausted',
      approximateInvokeCount,
    },
    requestPayload: event,
    responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
    responsePayload: failure,
  }
}
