/**
 * serverless.yml as far as the embedded AWS reads it. A trigger or destination that it does not know is an error: better no stack than one
 * in which a function is never called.
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

const functionBlock = v.looseObject({
  name: v.optional(v.string()),
  handler: v.string(),
  role: reference,
  environment: v.optional(v.record(v.string(), v.unknown()), {}),
  timeout: v.optional(v.number()),
  events: v.optional(v.array(v.strictObject({ sns: v.union([v.string(), sns]) })), []),
  maximumRetryAttempts: v.optional(v.number(), 2),
  destinations: v.optional(
    v.strictObject({
      onFailure: v.optional(v.union([v.string(), v.strictObject({ type: v.literal('sqs'), arn: reference })])),
    }),
    {},
  ),
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
export type SnsEvent = v.InferOutput<typeof sns>
export type Resource = v.InferOutput<typeof resource>
