/** Deploys a function and what the framework creates for its events: subscription, event source mapping, schedule, permission. */
import { logicalName } from '../../src/template/references.ts'
import type { FunctionBlock, HttpApiEvent, SnsEvent } from '../../src/template/serverless.ts'
import { localApiId, type Template } from '../../src/template/template.ts'
import type { FunctionDefinition } from '../service.ts'
import type { DeployContext } from './deploy-context.ts'
import { connectSource } from './deploy-source.ts'
import { toAttributes, toRecord } from './properties.ts'

export async function deployFunction(
  key: string,
  template: Template,
  context: DeployContext,
): Promise<FunctionDefinition> {
  const block = template.functions.get(key)
  if (!block) throw new Error(`The template has no function ${key}`)
  const definition: FunctionDefinition = {
    key,
    name: block.fullName,
    arn: block.arn,
    handler: block.handler,
    roleArn: roleArnOf(block, template),
    environment: toAttributes(toRecord(template.resolve(block.environment))),
    timeoutSeconds: block.timeoutSeconds,
    maximumRetryAttempts: block.maximumRetryAttempts,
    logGroup: `/aws/lambda/${block.fullName}`,
    ...onFailureOf(block, template),
  }
  if (!context.roles.byArn(definition.roleArn))
    throw new Error(`${key}: its role ${definition.roleArn} is not in the template`)
  const make = context.factories[key]
  context.lambda.register(definition, make && { make })
  for (const event of block.events) {
    if ('sns' in event) {
      await subscribe(definition, typeof event.sns === 'string' ? { arn: event.sns } : event.sns, template, context)
    } else if ('httpApi' in event) {
      addRoute(definition, event.httpApi, context)
    } else if (!context.withoutTriggers.includes(key)) connectSource(definition, event, template, context)
  }
  return definition
}

/** A function's `role`: a logical id, an ARN or an intrinsic that resolves to an ARN. */
function roleArnOf({ role }: FunctionBlock, template: Template): string {
  if (typeof role === 'string' && template.resources.has(role)) return template.attributeOf(role, 'Arn')
  return String(template.resolve(role))
}

function onFailureOf({ destinations }: FunctionBlock, template: Template): { onFailureArn?: string } {
  const target = destinations.onFailure
  if (target === undefined) return {}
  return { onFailureArn: String(template.resolve(typeof target === 'string' ? target : target.arn)) }
}

/** What the framework creates for an `httpApi` event: the route, and the permission of API Gateway to invoke the function. */
function addRoute({ key, name }: FunctionDefinition, { method, path }: HttpApiEvent, context: DeployContext): void {
  const isFirst = !context.executeApi.routes.some(({ functionName }) => functionName === name)
  context.executeApi.addRoute({ method, path, functionName: name })
  if (!isFirst) return
  context.lambda.permit(name, {
    sid: `${logicalName(key)}LambdaPermissionHttpApi`,
    principal: 'apigateway.amazonaws.com',
    sourceArn: `arn:aws:execute-api:*:${context.account}:${localApiId}/*`,
  })
}

/** What the framework creates for an `sns` event: the subscription, the function's permission, the dead-letter queue's policy. */
async function subscribe(
  definition: FunctionDefinition,
  event: SnsEvent,
  template: Template,
  context: DeployContext,
): Promise<void> {
  const topicArn = event.arn === undefined ? undefined : template.resolve(event.arn)
  if (typeof topicArn !== 'string') throw new Error(`${definition.key}: its sns event has no topic ARN`)
  const { redrivePolicy: redrive } = event
  const queue = redrive?.deadLetterTargetRef
  const deadLetterArn =
    queue === undefined ? template.resolve(redrive?.deadLetterTargetArn) : template.attributeOf(queue, 'Arn')
  context.lambda.permit(definition.name, {
    sid: `${logicalName(definition.key)}Invoke`,
    principal: 'sns.amazonaws.com',
    sourceArn: topicArn,
  })
  if (queue !== undefined) {
    const document = redrivePolicyOf(String(deadLetterArn), topicArn)
    const attributes = { Policy: JSON.stringify(document) }
    await context.call('sqs', 'SetQueueAttributes', {
      QueueUrl: template.attributeOf(queue, 'QueueUrl'),
      Attributes: attributes,
    })
  }
  await context.call('sns', 'Subscribe', {
    TopicArn: topicArn,
    Protocol: 'lambda',
    Endpoint: definition.arn,
    Attributes: toAttributes({
      FilterPolicy: event.filterPolicy,
      FilterPolicyScope: event.filterPolicyScope,
      RedrivePolicy: deadLetterArn === undefined ? undefined : { deadLetterTargetArn: deadLetterArn },
    }),
  })
}

function redrivePolicyOf(queueArn: string, topicArn: string): object {
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Service: 'sns.amazonaws.com' },
        Action: 'sqs:SendMessage',
        Resource: queueArn,
        Condition: { ArnEquals: { 'aws:SourceArn': topicArn } },
      },
    ],
  }
}
