/** What the server answers about connections, roles and dead letters. Part of the page: src/dashboard/answers.ts. */
import * as v from 'valibot'
import { ConnectionState, Standing, Time } from './answers.ts'

const Count = v.number()

const ConnectionRow = v.object({
  project: v.string(),
  account: v.string(),
  region: v.string(),
  state: ConnectionState,
  provenAt: v.optional(Time),
  checkedAt: v.optional(Time),
  quarantine: v.optional(v.object({ since: Time, why: v.string() })),
})
export const ConnectionsAnswer = v.object({
  standing: Standing,
  sentence: v.string(),
  connections: v.array(ConnectionRow),
})
export type ConnectionsAnswer = v.InferOutput<typeof ConnectionsAnswer>

export const ConnectionAnswer = v.object({
  connection: ConnectionRow,
  standing: Standing,
  sentence: v.string(),
  roleArn: v.optional(v.string()),
  topics: v.string(),
  features: v.array(v.string()),
  /** When the next proof is due: Sesame proves each connection daily. */
  nextProof: v.optional(Time),
  proof: v.optional(
    v.object({
      at: Time,
      why: v.optional(v.string()),
      steps: v.array(
        v.object({
          layer: v.string(),
          step: v.string(),
          verdict: v.picklist(['passed', 'failed', 'skipped', 'unknown']),
          found: v.string(),
          paste: v.optional(v.string()),
        }),
      ),
    }),
  ),
  changes: v.array(v.object({ at: Time, by: v.string(), what: v.string() })),
})
export type ConnectionAnswer = v.InferOutput<typeof ConnectionAnswer>

const RoleRow = v.object({
  role: v.string(),
  title: v.string(),
  lastUse: v.optional(Time),
  uses: Count,
  refused: Count,
  refusedInProofs: Count,
  unexpected: Count,
  /** Clauses of "may not" that are proven for all requests. */
  claims: Count,
  may: v.optional(v.string()),
  mayNot: v.optional(v.string()),
})
export const RolesAnswer = v.object({ standing: Standing, sentence: v.string(), days: Count, roles: v.array(RoleRow) })
export type RolesAnswer = v.InferOutput<typeof RolesAnswer>

export const RoleAnswer = v.object({
  ...RoleRow.entries,
  sessions: v.array(
    v.object({
      at: Time,
      by: v.string(),
      from: v.optional(v.string()),
      purpose: v.optional(v.string()),
      outcome: v.string(),
      unexpected: v.optional(v.string()),
    }),
  ),
  more: v.boolean(),
})
export type RoleAnswer = v.InferOutput<typeof RoleAnswer>

const LetterGroup = v.object({
  /** Name of the error, or what could not be invoked. */
  title: v.string(),
  cause: v.string(),
  project: v.optional(v.string()),
  queue: v.string(),
  count: Count,
  oldest: Time,
  advice: v.string(),
  letters: v.array(v.object({ id: v.string(), event: v.string(), at: Time })),
})
export const DeadLettersAnswer = v.object({
  standing: Standing,
  sentence: v.string(),
  readAt: Time,
  more: v.boolean(),
  groups: v.array(LetterGroup),
})
export type DeadLettersAnswer = v.InferOutput<typeof DeadLettersAnswer>

/** `content` is JSON, with addresses masked unless they were asked for. */
export const DeadLetterAnswer = v.object({ content: v.string() })
export const DeadLetterActionAnswer = v.object({ text: v.string(), failed: Count })
