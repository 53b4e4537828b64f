/** The functions as serverless.yml has them. */
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

const hears = (trigger: string) => (one: FunctionBlock) => one.events.some((event) => trigger in event)

/** Called by rules that stand in infra/. */
const ruled = ['audit-role-use']

/** Those that nobody waits for: what fails for good must be kept somewhere. */
export const asynchronous = allFunctions.filter(
  (one) => ruled.includes(one.name) || ['sns', 'eventBridge', 'schedule', 's3'].some((trigger) => hears(trigger)(one)),
)
export const subscribed = allFunctions.filter(hears('sns'))
export const streamed = allFunctions.filter(hears('stream'))
export const queued = allFunctions.filter(hears('sqs'))
export const names = (some: readonly FunctionBlock[]): string[] => some.map(({ name }) => name).sort()
