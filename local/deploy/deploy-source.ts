/** Creates what the framework creates for stream, sqs and schedule events: event source mappings, permitted rules, schedules. */
import { logicalName } from '../../src/template/references.ts'
import type { FunctionBlock, ScheduleEvent } from '../../src/template/serverless.ts'
import type { Template } from '../../src/template/template.ts'
import type { FunctionDefinition } from '../service.ts'
import type { DeployContext } from './deploy-context.ts'

type SourceEvent = Exclude<FunctionBlock['events'][number], { sns: unknown } | { httpApi: unknown }>

export function connectSource(
  definition: FunctionDefinition,
  event: SourceEvent,
  template: Template,
  { lambda, dynamodb, sqs, eventbridge }: DeployContext,
): void {
  const arnOf = (reference: unknown): string => {
    const arn = template.resolve(reference)
    if (typeof arn === 'string') return arn
    throw new Error(`${definition.key}: an event has no ARN`)
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

/** An EventBridge rule invokes with a permission on the function. EventBridge Scheduler invokes with a role. */
function connectSchedule(
  definition: FunctionDefinition,
  schedule: Partial<ScheduleEvent> & Pick<ScheduleEvent, 'rate'>,
  template: Template,
  { lambda, eventbridge }: Pick<DeployContext, 'lambda' | 'eventbridge'>,
): void {
  const { rate, name, input, method } = schedule
  const roleArn = method === 'scheduler' ? template.resolve(schedule.roleArn) : undefined
  if (method === 'scheduler' && typeof roleArn !== 'string') {
    // The framework would use the function's own role, which trusts only Lambda.
    throw new Error(`${definition.key}: a schedule with method scheduler needs a roleArn`)
  }
  const { region, account } = template.identity
  for (const [index, expression] of [rate].flat().entries()) {
    const kind = typeof roleArn === 'string' ? 'SchedulerSchedule' : 'EventsRuleSchedule'
    const scheduleName = name ?? `${template.stack}-${logicalName(definition.key)}${kind}${index + 1}`
    const sourceArn =
      typeof roleArn === 'string'
        ? `arn:aws:scheduler:${region}:${account}:schedule/default/${scheduleName}`
        : `arn:aws:events:${region}:${account}:rule/${scheduleName}`
    if (typeof roleArn !== 'string') {
      const sid = `${logicalName(definition.key)}Schedule${index + 1}`
      lambda.permit(definition.name, { sid, principal: 'events.amazonaws.com', sourceArn })
    }
    eventbridge.addSchedule({
      functionArn: definition.arn,
      sourceArn,
      rate: expression,
      ...(typeof roleArn === 'string' && { roleArn }),
      ...(input !== undefined && { input: typeof input === 'string' ? JSON.parse(input) : input }),
    })
  }
}
