/**
 * Lambda: runs the functions of the deployment with sessions of their own roles.
 *
 * Asynchronous invocations are retried and dead-lettered (invocation.ts). The gate decides from the function's policy whether a service may
 * invoke it; `permit` adds to that policy.
 */
import * as v from 'valibot'
import { parsePolicy } from '../../src/policy/document.ts'
import { createLogs, type Logs } from '../logs/logs.ts'
import { AwsError, type FunctionDefinition, type Platform, type Service, type ServiceCall } from '../service.ts'
import type { Sqs } from '../sqs/sqs.ts'
import { readInput, tryParseJson } from '../wire/input.ts'
import type { EventSource } from './event-source.ts'
import type { Attempt, FunctionOptions, InvokePermission, LambdaFunction } from './function.ts'
import { createRunner, type Runner, type UndeliveredFailure } from './invocation.ts'
import { createQueueSource, type QueueMapping } from './queue-source.ts'
import { createStreamSource, type StreamMapping, type StreamNotifier } from './stream-source.ts'

export type Lambda = Service & {
  /** CloudWatch Logs, the service `logs`. */
  readonly logs: Logs
  readonly functions: ReadonlyMap<string, LambdaFunction>
  readonly runner: Runner
  /** Every attempt of every invocation, oldest first. */
  readonly attempts: readonly Attempt[]
  /** Calls the listener with every attempt from now on. */
  watch(listener: (attempt: Attempt) => void): void
  /** Failure records that a destination or dead-letter queue refused. */
  readonly undelivered: readonly UndeliveredFailure[]
  /** Adds or replaces a function. Replacing discards its sandboxes and keeps its policy. */
  register(definition: FunctionDefinition, options?: FunctionOptions): void
  /** Permits a service to invoke a function, as AWS::Lambda::Permission does. */
  permit(functionName: string, permission: InvokePermission): void
  /** Stops the sandbox of the next invocation after this number of AWS calls; 0 is before the first. Calls are queued, one per invocation. */
  crash(functionName: string, afterCalls: number): void
  /** Creates an event source mapping for a queue. */
  mapQueue(functionName: string, sqs: Sqs, mapping: QueueMapping): EventSource
  /** Creates an event source mapping for a table's stream. */
  mapStream(functionName: string, dynamodb: StreamNotifier, mapping: StreamMapping): EventSource
  /** Polls every mapping, for messages whose delay has passed. */
  poll(): void
  /** The log lines of a function that CloudWatch Logs accepted, oldest first. */
  logLines(functionName: string): readonly string[]
}

const MAXIMUM_ASYNC_BYTES = 1_048_576
const MAXIMUM_SYNC_BYTES = 6_291_556

const invokeInput = v.object({
  FunctionName: v.string(),
  Qualifier: v.optional(v.string(), '$LATEST'),
  InvocationType: v.optional(v.picklist(['RequestResponse', 'Event', 'DryRun']), 'RequestResponse'),
  Payload: v.optional(v.instance(Uint8Array)),
})

export function createLambda(platform: Platform): Lambda {
  const functions = new Map<string, LambdaFunction>()
  const attempts: Attempt[] = []
  const undelivered: UndeliveredFailure[] = []
  const logs = createLogs(platform)
  const sources: EventSource[] = []
  const addSource = (source: EventSource): EventSource => {
    sources.push(source)
    return source
  }
  const ids = platform.createIds('lambda')
  const listeners: ((attempt: Attempt) => void)[] = []
  const note = (attempt: Attempt): void => {
    attempts.push(attempt)
    for (const listener of listeners) listener(attempt)
  }
  const runner = createRunner(platform, logs, note, undelivered)

  /** @throws AwsError ResourceNotFoundException */
  const find = (nameOrArn: string, call?: ServiceCall): LambdaFunction => {
    const name = nameOrArn.replace(/^.*:function:/, '').replace(/:\$LATEST$/, '')
    const fn = functions.get(name)
    const account = /^arn:aws:lambda:[^:]+:(\d{12}):/.exec(nameOrArn)?.[1] ?? call?.account
    if (fn && (account === undefined || fn.definition.arn.split(':')[4] === account)) return fn
    const arn = `arn:aws:lambda:${call?.region ?? platform.region}:${account ?? platform.account}:function:${name}`
    throw new AwsError('ResourceNotFoundException', `Function not found: ${arn}`, 404)
  }

  return {
    logs,
    functions,
    runner,
    attempts,
    watch: (listener) => void listeners.push(listener),
    undelivered,
    register(definition, options = {}) {
      logs.createGroup(definition.logGroup)
      functions.set(definition.name, {
        definition,
        options,
        permissions: functions.get(definition.name)?.permissions ?? [],
        crashes: [],
        idle: [],
        waiting: [],
        running: 0,
        coldStarts: 0,
        lostLines: [],
      })
    },
    permit: (functionName, permission) => void find(functionName).permissions.push(permission),
    crash: (functionName, afterCalls) => void find(functionName).crashes.push({ afterCalls }),
    mapQueue: (functionName, sqs, mapping) =>
      addSource(createQueueSource(platform, runner, sqs, ids, find(functionName), mapping)),
    mapStream: (functionName, dynamodb, mapping) =>
      addSource(createStreamSource(platform, runner, dynamodb, ids, find(functionName), mapping)),
    poll: () => {
      for (const source of sources) source.poll()
    },
    logLines: (functionName) => logs.lines(find(functionName).definition.logGroup),
    resourcePolicy(requirement) {
      const fn = [...functions.values()].find(({ definition }) => definition.arn === requirement.resource)
      return fn && fn.permissions.length > 0 ? policyOf(fn) : undefined
    },
    operations: {
      ListFunctions: ({ account }) => ({
        Functions: [...functions.values()]
          .filter(({ definition }) => definition.arn.split(':')[4] === account)
          .map(({ definition }) => ({
            FunctionName: definition.name,
            FunctionArn: definition.arn,
            Handler: definition.handler,
            Role: definition.roleArn,
            Timeout: definition.timeoutSeconds,
            Runtime: 'nodejs24.x',
            Version: '$LATEST',
          })),
      }),
      async Invoke(call) {
        const input = readInput(invokeInput, call, 'InvalidParameterValueException')
        const fn = find(`${input.FunctionName.replace(/:\$LATEST$/, '')}:${input.Qualifier}`, call)
        const event = eventOf(input.Payload, input.InvocationType === 'Event')
        if (input.InvocationType === 'DryRun') return { StatusCode: 204 }
        const requestId = ids.uuid()
        if (input.InvocationType === 'Event') {
          runner.startAsync(fn, event, requestId)
          return { StatusCode: 202 }
        }
        const finished = await runner.run(fn, event, requestId)
        const answer = finished.failure ?? finished.payload
        return {
          StatusCode: 200,
          ExecutedVersion: '$LATEST',
          ...(finished.failure && { FunctionError: 'Unhandled' }),
          Payload: new Uint8Array(Buffer.from(JSON.stringify(answer))),
        }
      },
    },
  }
}

function eventOf(payload: Uint8Array | undefined, isAsync: boolean): unknown {
  const bytes = payload ?? Buffer.from('{}')
  const limit = isAsync ? MAXIMUM_ASYNC_BYTES : MAXIMUM_SYNC_BYTES
  if (bytes.length > limit) {
    const message = `Request must be smaller than ${limit} bytes for the InvokeFunction operation`
    throw new AwsError('RequestTooLargeException', message, 413)
  }
  const event = tryParseJson(bytes.length === 0 ? '{}' : Buffer.from(bytes).toString())
  if (event !== undefined) return event
  throw new AwsError('InvalidRequestContentException', 'Could not parse request body into json')
}

function policyOf({ definition, permissions }: LambdaFunction) {
  const document = {
    Version: '2012-10-17',
    Id: 'default',
    Statement: permissions.map(({ sid, principal, sourceArn, sourceAccount }) => ({
      Sid: sid,
      Effect: 'Allow',
      Principal: { Service: principal },
      Action: 'lambda:InvokeFunction',
      Resource: definition.arn,
      ...((sourceArn || sourceAccount) && {
        Condition: {
          ...(sourceArn && { ArnLike: { 'AWS:SourceArn': sourceArn } }),
          ...(sourceAccount && { StringEquals: { 'AWS:SourceAccount': sourceAccount } }),
        },
      }),
    })),
  }
  return { name: `policy of function ${definition.name}`, document: parsePolicy(document, 'resource') }
}
