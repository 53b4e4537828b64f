/** The operations that `npm run bench` counted and wrote to bench/operations.json. */
import { readFileSync } from 'node:fs'
import * as v from 'valibot'

const Units = v.object({ requests: v.number(), readUnits: v.number(), writeUnits: v.number() })

const Operations = v.object({
  /** One invocation, by function. */
  functions: v.record(v.string(), v.object({ ...Units.entries, toDynamodb: v.number() })),
  /** A day without mail, by scheduled function: what the stack costs, and what each project adds. */
  idle: v.record(v.string(), v.object({ invocations: v.number(), fixed: Units, perProject: Units })),
})

export type Operations = v.InferOutput<typeof Operations>

export const readOperations = (): Operations =>
  v.parse(Operations, JSON.parse(readFileSync(new URL('../../bench/operations.json', import.meta.url), 'utf8')))
