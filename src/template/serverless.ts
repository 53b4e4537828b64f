/**
 * The parts of serverless.yml that the embedded AWS reads. An unknown trigger or destination is an error, because the function would otherwise
 * never be called.
 */
import * as v from 'valibot'

const reference = v.union([v.string(), v.record(v.string(), v.unknown())])

const sns = v.strictObject({
  arn: v.optional(reference),
  topicName: v.optional(v.string()),
  redrivePolicy: v.optional(
    v.strictObject({ deadLetterTargetRef: v.optional(v.string()), deadLetterTargetArn: v.optional(reference) }),
  ),
  filterPolicy: v.optional(v.record(v.string(), v.unknown())),
  filterPolicyScope: v.optional(v.string()),
})

const onFailure = v.union([v.string(), v.strictObject({ type: v.literal('sqs'), arn: reference })])
const partial = v.optional(v.literal('ReportBatchItemFailures'))

const stream = v.strictObject({
  type: v.literal('dynamodb'),
  arn: reference,
  startingPosition: v.literal('TRIM_HORIZON'),
  batchSize: v.optional(v.number(), 100),
  batchWindow: v.optional(v.number()),
  parallelizationFactor: v.optional(v.number()),
  maximumRetryAttempts: v.number(),
  maximumRecordAgeInSeconds: v.optional(v.number()),
  bisectBatchOnFunctionError: v.optional(v.boolean(), false),
  functionResponseType: partial,
  destinations: v.optional(v.strictObject({ onFailure })),
})

const sqs = v.strictObject({
  arn: reference,
  batchSize: v.optional(v.number(), 10),
  maximumBatchingWindow: v.optional(v.number()),
  maximumConcurrency: v.optional(v.number()),
  functionResponseType: partial,
})

const schedule = v.strictObject({
  rate: v.union([v.string(), v.array(v.string())]),
  method: v.optional(v.picklist(['eventBus', 'scheduler']), 'eventBus'),
  /** The role that EventBridge Scheduler uses to call the function. */
  roleArn: v.optional(reference),
  name: v.optional(v.string()),
  description: v.optional(v.string()),
  input: v.optional(v.union([v.string(), v.record(v.string(), v.unknown())])),
})

const httpApi = v.strictObject({
  method: v.string(),
  path: v.string(),
  /** Without it, anybody could call the route. */
  authorizer: v.strictObject({ type: v.literal('aws_iam') }),
})

const event = v.union([
  v.strictObject({ httpApi }),
  v.strictObject({ sns: v.union([v.string(), sns]) }),
  v.strictObject({ stream }),
  v.strictObject({ sqs }),
  v.strictObject({ schedule: v.union([v.string(), schedule]) }),
])

const functionBlock = v.looseObject({
  name: v.optional(v.string()),
  handler: v.string(),
  role: reference,
  environment: v.optional(v.record(v.string(), v.unknown()), {}),
  timeout: v.optional(v.number()),
  events: v.optional(v.array(event), []),
  maximumRetryAttempts: v.optional(v.number(), 2),
  destinations: v.optional(v.strictObject({ onFailure: v.optional(onFailure) }), {}),
})

const resource = v.looseObject({
  Type: v.string(),
  Properties: v.optional(v.record(v.string(), v.unknown()), {}),
  Condition: v.optional(v.string()),
})

const cloudFormation = v.looseObject({
  Resources: v.optional(v.record(v.string(), resource), {}),
  Parameters: v.optional(v.record(v.string(), v.looseObject({ Default: v.optional(v.unknown()) })), {}),
  Conditions: v.optional(v.record(v.string(), v.unknown()), {}),
  Outputs: v.optional(v.record(v.string(), v.unknown()), {}),
  /** Changes to resources that the framework creates. */
  extensions: v.optional(
    v.record(v.string(), v.looseObject({ Properties: v.optional(v.record(v.string(), v.unknown()), {}) })),
    {},
  ),
})

export const serverlessFile = v.looseObject({
  service: v.string(),
  provider: v.optional(
    v.looseObject({
      timeout: v.optional(v.number()),
      environment: v.optional(v.record(v.string(), v.unknown()), {}),
    }),
    {},
  ),
  functions: v.optional(v.record(v.string(), functionBlock), {}),
  resources: v.optional(
    v.pipe(
      v.union([v.array(cloudFormation), cloudFormation]),
      v.transform((parts) => (Array.isArray(parts) ? parts : [parts])),
    ),
    [],
  ),
})

export type FunctionBlock = v.InferOutput<typeof functionBlock>
export type HttpApiEvent = v.InferOutput<typeof httpApi>
export type SnsEvent = v.InferOutput<typeof sns>
export type ScheduleEvent = v.InferOutput<typeof schedule>
export type Resource = v.InferOutput<typeof resource>
