/** The end of one run: everything that the invariants and the states reached are read from. */
import type { Connection } from '../../src/projects/connection.ts'
import type { Listed } from '../../src/suppression/read-list.ts'
import type { EngineItem } from '../dynamodb/dynamodb.ts'
import type { Told } from './actors.ts'
import type { Fault } from './faults.ts'
import type { History } from './history.ts'
import type { Act } from './plan.ts'
import type { Profile } from './profile.ts'

export type LogLine = { readonly functionName: string; readonly line: string }

export type Outcome = {
  readonly seed: string
  readonly profile: Profile
  readonly plan: readonly Act[]
  readonly faults: readonly Fault[]
  readonly history: History
  readonly told: readonly Told[]
  readonly ownersEntries: ReadonlySet<string>
  readonly connections: ReadonlyMap<string, Connection>
  readonly startedMs: number
  readonly endedMs: number
  /** Virtual time from the end of the faults until nothing was left to do. Undefined if something still was at the bound. */
  readonly healedAfterMs: number | undefined
  /** What was left to do at the bound. */
  readonly leftOver: readonly string[]
  /** By project. */
  readonly lists: ReadonlyMap<string, readonly Listed[]>
  /** By project: address → reason, before and after an operator's reconcile. */
  readonly accountLists: ReadonlyMap<string, ReadonlyMap<string, string>>
  readonly reconciledAccountLists: ReadonlyMap<string, ReadonlyMap<string, string>>
  readonly activity: readonly EngineItem[]
  readonly log: readonly LogLine[]
  readonly attempts: readonly {
    readonly functionName: string
    readonly number: number
    readonly error: string | undefined
  }[]
  /** Calls in Sesame's own account that IAM denied: role and action. */
  readonly denials: readonly string[]
  /** Dead letters that the operator replayed. */
  readonly replayed: number
  readonly writeUnits: number
  readonly defects: readonly unknown[]
}
