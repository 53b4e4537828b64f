/** The functions in serverless.yml. */
import { readFileSync } from 'node:fs'
import * as v from 'valibot'
import { parse } from 'yaml'

const block = v.looseObject({
  handler: v.string(),
  role: v.strictObject({ 'Fn::Sub': v.string() }),
  events: v.optional(v.array(v.record(v.string(), v.unknown())), []),
  maximumRetryAttempts: v.number(),
  destinations: v.optional(v.looseObject({ onFailure: v.looseObject({ type: v.literal('sqs') }) })),
})
const file = v.object({ functions: v.record(v.string(), block) })

const source = readFileSync(new URL('../../serverless.yml', import.meta.url), 'utf8')
const { functions } = v.parse(file, parse(source))

export type FunctionBlock = v.InferOutput<typeof block> & { readonly name: string }
export const allFunctions: readonly FunctionBlock[] = Object.entries(functions).map(([name, one]) => ({ name, ...one }))

const hasTrigger = (trigger: string) => (one: FunctionBlock) => one.events.some((event) => trigger in event)

/** Invoked by EventBridge rules in infra/. */
const invokedByRules = ['audit-role-use']

/** Functions that are invoked asynchronously, so failed events need a dead-letter queue. */
export const asynchronous = allFunctions.filter(
  (one) =>
    invokedByRules.includes(one.name) ||
    ['sns', 'eventBridge', 'schedule', 's3'].some((trigger) => hasTrigger(trigger)(one)),
)
export const subscribed = allFunctions.filter(hasTrigger('sns'))
export const streamed = allFunctions.filter(hasTrigger('stream'))
export const queued = allFunctions.filter(hasTrigger('sqs'))
export const names = (some: readonly FunctionBlock[]): string[] => some.map(({ name }) => name).sort()
