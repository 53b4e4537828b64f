/** What the dashboard reads and changes: the same readers and functions that the `sesame` command uses, with the operator's own credentials. */
import type * as v from 'valibot'
import type { createActivityReader } from '../activity/read.ts'
import type { StoredCounts } from '../activity/stored-counts.ts'
import type { createUses } from '../audit/uses.ts'
import type { Silence } from '../feeds/judge-feed.ts'
import type { createChangeHistory } from '../projects/changes.ts'
import type { Connection } from '../projects/connection.ts'
import type { Connections } from '../projects/connections.ts'
import type { HoldState } from '../projects/hold.ts'
import type { Project } from '../projects/project.ts'
import type { Projects } from '../projects/projects.ts'
import type { createProofs } from '../projects/proofs.ts'
import type { createListReader } from '../suppression/read-list.ts'
import type { createRulings } from '../suppression/rule-by-hand.ts'

/** The functions of the stack that take operations. */
export type OperationFunction = 'manage-connection' | 'manage-dead-letters'

export type DashboardStack = {
  readonly projects: Pick<Projects, 'find'> & { all(): Promise<Project[]> }
  readonly connections: Pick<Connections, 'find'> & { all(): Promise<Connection[]> }
  readonly holdOf: (project: string, now: Date) => Promise<HoldState>
  /** Whether the account sends although no event arrives. */
  readonly silenceOf: (project: string) => Promise<Silence | undefined>
  readonly proofs: ReturnType<typeof createProofs>
  readonly changes: ReturnType<typeof createChangeHistory>
  readonly activity: Pick<ReturnType<typeof createActivityReader>, 'timelineOf'>
  readonly counts: Pick<StoredCounts, 'daysOf' | 'domainsOf'>
  readonly uses: Pick<ReturnType<typeof createUses>, 'ofRole'>
  readonly list: Pick<ReturnType<typeof createListReader>, 'itemsOf' | 'records' | 'verdictOn'>
  readonly rulings: Pick<ReturnType<typeof createRulings>, 'suppress' | 'reinstate'> & {
    /** The time of a ruling that a person makes now. */
    serverTime(local: Date): Date
  }
}

/** Requests an operation of a function, and parses its answer. */
export type AskFunction = <Schema extends v.GenericSchema>(
  name: OperationFunction,
  request: { readonly do: string; readonly [field: string]: unknown },
  answer: Schema,
) => Promise<v.InferOutput<Schema>>

export type DashboardDeps = {
  readonly stack: DashboardStack
  readonly ask: AskFunction
  readonly now: () => Date
  readonly stage: string
  readonly region: string
  /** Whether the page may change something. */
  readonly canWrite: boolean
  /** The person at this computer, stored with each ruling. */
  readonly by: string
  /** Any error as a sentence that says what failed and what to do. */
  readonly explain: (error: unknown) => string
}
