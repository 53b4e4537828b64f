/** The attributes of a queue, with their defaults and limits. An unknown attribute is refused. */
import * as v from 'valibot'
import { AwsError } from '../service.ts'
import { tryParseJson } from '../wire/input.ts'

export type QueueAttributes = Readonly<Record<string, string>>

const DAY = 86_400

export const defaultQueueAttributes: QueueAttributes = {
  VisibilityTimeout: '30',
  MaximumMessageSize: '1048576',
  MessageRetentionPeriod: String(4 * DAY),
  DelaySeconds: '0',
  ReceiveMessageWaitTimeSeconds: '0',
  SqsManagedSseEnabled: 'true',
}

const limits: Readonly<Record<string, readonly [number, number]>> = {
  VisibilityTimeout: [0, 43_200],
  MaximumMessageSize: [1024, 1_048_576],
  MessageRetentionPeriod: [60, 14 * DAY],
  DelaySeconds: [0, 900],
  ReceiveMessageWaitTimeSeconds: [0, 20],
  KmsDataKeyReusePeriodSeconds: [60, DAY],
}

const textAttributes = ['Policy', 'RedrivePolicy', 'RedriveAllowPolicy', 'KmsMasterKeyId', 'SqsManagedSseEnabled']

const redrivePolicy = v.object({
  deadLetterTargetArn: v.string(),
  maxReceiveCount: v.pipe(
    v.union([v.number(), v.string()]),
    v.transform(Number),
    v.integer(),
    v.minValue(1),
    v.maxValue(1000),
  ),
})

export type RedrivePolicy = v.InferOutput<typeof redrivePolicy>

/**
 * The current attributes with changes applied. An empty value removes an attribute.
 *
 * @throws AwsError InvalidAttributeName, InvalidAttributeValue
 */
export function withAttributes(current: QueueAttributes, changes: QueueAttributes): QueueAttributes {
  const merged: Record<string, string> = { ...current }
  for (const [name, value] of Object.entries(changes)) {
    check(name, value)
    if (value === '') delete merged[name]
    else merged[name] = value
  }
  return merged
}

function check(name: string, value: string): void {
  const limit = limits[name]
  if (limit) {
    const number = Number(value)
    if (/^\d+$/.test(value) && number >= limit[0] && number <= limit[1]) return
    throw new AwsError('InvalidAttributeValue', `Invalid value for the parameter ${name}.`)
  }
  if (!textAttributes.includes(name)) throw new AwsError('InvalidAttributeName', `Unknown Attribute ${name}.`)
  if (name === 'RedrivePolicy' && value !== '' && !v.is(redrivePolicy, tryParseJson(value))) {
    throw new AwsError('InvalidAttributeValue', 'Invalid value for the parameter RedrivePolicy.')
  }
}

/** The redrive policy of a queue, if it has one. */
export function redrivePolicyOf(attributes: QueueAttributes): RedrivePolicy | undefined {
  const text = attributes.RedrivePolicy
  return text === undefined ? undefined : v.parse(redrivePolicy, tryParseJson(text))
}

/** The KMS key of a queue, if it has one. */
export const keyOfQueue = (attributes: QueueAttributes): string | undefined => attributes.KmsMasterKeyId

/** A numeric attribute, or its default. */
export function numberAttributeOf(attributes: QueueAttributes, name: keyof typeof limits): number {
  return Number(attributes[name] ?? defaultQueueAttributes[name])
}
