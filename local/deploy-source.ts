/** What the framework makes of stream, sqs and schedule events: event source mappings, and rules that may invoke the function. */
import type { Builder } from './deploy.ts'
import type { FunctionDefinition } from './service.ts'
import { logicalName } from './template/references.ts'
import type { FunctionBlock } from './template/serverless.ts'
import type { Template } from './template.ts'

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
    const { rate, name, input } = typeof event.schedule === 'string' ? { rate: event.schedule } : event.schedule
    for (const [at, one] of [rate].flat().entries()) {
      const rule = name ?? `${template.stack}-${logicalName(definition.key)}EventsRuleSchedule${at + 1}`
      const { region, account } = template.naming
      const ruleArn = `arn:aws:events:${region}:${account}:rule/${rule}`
      lambda.permit(definition.name, {
        sid: `${logicalName(definition.key)}Schedule${at + 1}`,
        principal: 'events.amazonaws.com',
        sourceArn: ruleArn,
      })
      eventbridge.addSchedule({
        functionArn: definition.arn,
        ruleArn,
        rate: one,
        ...(input !== undefined && { input: typeof input === 'string' ? JSON.parse(input) : input }),
      })
    }
  }
}
