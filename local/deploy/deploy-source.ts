/** What the framework makes of stream, sqs and schedule events: event source mappings, rules that may invoke the function, and schedules. */

import { logicalName } from '../../src/template/references.ts'
import type { FunctionBlock, ScheduleEvent } from '../../src/template/serverless.ts'
import type { Template } from '../../src/template/template.ts'
import type { FunctionDefinition } from '../service.ts'
import type { Builder } from './deploy.ts'

type SourceEvent = Exclude<FunctionBlock['events'][number], { sns: unknown }>

export function connectSource(
  definition: FunctionDefinition,
  event: SourceEvent,
  template: Template,
  { lambda, dynamodb, sqs, eventbridge }: Builder,
): void {
  const arnOf = (reference: unknown): string => {
    const arn = template.resolved(reference)
    if (typeof arn === 'string') return arn
    throw new Error(`${definition.key}: an event needs an ARN`)
  }
  if ('stream' in event) {
    const { stream } = event
    const target = stream.destinations?.onFailure
    lambda.mapStream(definition.name, dynamodb, {
      streamArn: arnOf(stream.arn),
      batchSize: stream.batchSize,
      maximumRetryAttempts: stream.maximumRetryAttempts,
      bisectBatchOnFunctionError: stream.bisectBatchOnFunctionError,
      reportBatchItemFailures: stream.functionResponseType !== undefined,
      ...(target !== undefined && { onFailureArn: arnOf(typeof target === 'string' ? target : target.arn) }),
    })
  } else if ('sqs' in event) {
    lambda.mapQueue(definition.name, sqs, {
      queueArn: arnOf(event.sqs.arn),
      batchSize: event.sqs.batchSize,
      reportBatchItemFailures: event.sqs.functionResponseType !== undefined,
    })
  } else {
    const schedule = typeof event.schedule === 'string' ? { rate: event.schedule } : event.schedule
    connectSchedule(definition, schedule, template, { lambda, eventbridge })
  }
}

/** A rule of EventBridge is permitted to call at the function; EventBridge Scheduler calls under a role. */
function connectSchedule(
  definition: FunctionDefinition,
  schedule: Partial<ScheduleEvent> & Pick<ScheduleEvent, 'rate'>,
  template: Template,
  { lambda, eventbridge }: Pick<Builder, 'lambda' | 'eventbridge'>,
): void {
  const { rate, name, input, method } = schedule
  const roleArn = method === 'scheduler' ? template.resolved(schedule.roleArn) : undefined
  if (method === 'scheduler' && typeof roleArn !== 'string') {
    // The framework would take the function's own role, which trusts Lambda alone.
    throw new Error(`${definition.key}: a schedule by EventBridge Scheduler needs a role`)
  }
  const { region, account } = template.naming
  for (const [at, one] of [rate].flat().entries()) {
    const kind = typeof roleArn === 'string' ? 'SchedulerSchedule' : 'EventsRuleSchedule'
    const called = name ?? `${template.stack}-${logicalName(definition.key)}${kind}${at + 1}`
    const sourceArn =
      typeof roleArn === 'string'
        ? `arn:aws:scheduler:${region}:${account}:schedule/default/${called}`
        : `arn:aws:events:${region}:${account}:rule/${called}`
    if (typeof roleArn !== 'string') {
      const sid = `${logicalName(definition.key)}Schedule${at + 1}`
      lambda.permit(definition.name, { sid, principal: 'events.amazonaws.com', sourceArn })
    }
    eventbridge.addSchedule({
      functionArn: definition.arn,
      sourceArn,
      rate: one,
      ...(typeof roleArn === 'string' && { roleArn }),
      ...(input !== undefined && { input: typeof input === 'string' ? JSON.parse(input) : input }),
    })
  }
}
