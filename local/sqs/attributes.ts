/** The attributes of a queue: which there are, their defaults and their bounds. An unknown one is refused. */
import * as v from 'valibot'
import { tryParseJson } from '../wire/input.ts'
import { AwsError } from '../service.ts'

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

const bounds: Readonly<Record<string, readonly [number, number]>> = {
  VisibilityTimeout: [0, 43_200],
  MaximumMessageSize: [1024, 1_048_576],
  MessageRetentionPeriod: [60, 14 * DAY],
  DelaySeconds: [0, 900],
  ReceiveMessageWaitTimeSeconds: [0, 20],
  KmsDataKeyReusePeriodSeconds: [60, DAY],
}

const texts = ['Policy', 'RedrivePolicy', 'RedriveAllowPolicy', 'KmsMasterKeyId', 'SqsManagedSseEnabled']

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

/** `current` with `changes` over it. An empty value takes a policy away. Throws InvalidAttributeName and InvalidAttributeValue. */
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
  const bound = bounds[name]
  if (bound) {
    const number = Number(value)
    if (/^\d+$/.test(value) && number >= bound[0] && number <= bound[1]) return
    throw new AwsError('InvalidAttributeValue', `Invalid value for the parameter ${name}.`)
  }
  if (!texts.includes(name)) throw new AwsError('InvalidAttributeName', `Unknown Attribute ${name}.`)
  if (name === 'RedrivePolicy' && value !== '' && !v.is(redrivePolicy, tryParseJson(value))) {
    throw new AwsError('InvalidAttributeValue', 'Invalid value for the parameter RedrivePolicy.')
  }
}

/** Where a message goes that was received too often, if anywhere. */
export function redrivePolicyOf(attributes: QueueAttributes): RedrivePolicy | undefined {
  const text = attributes.RedrivePolicy
  return text === undefined ? undefined : v.parse(redrivePolicy, tryParseJson(text))
}

/** A number that every queue has. */
export function numberAttributeOf(attributes: QueueAttributes, name: keyof typeof bounds): number {
  return Number(attributes[name] ?? defaultQueueAttributes[name])
}
