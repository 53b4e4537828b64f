/**
 * The reconcile state of each project: whether it is out of sync, how far an unfinished run is, and the last finished run.
 *
 * Only one reconcile per account runs at a time, because SES counts calls per account. A lease ensures that. It expires by its own time if
 * its holder dies.
 */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import * as v from 'valibot'
import { findItem, type Item, keyOf, queryItems, Text } from '../projects/table.ts'
import { dayMs } from '../time.ts'
import { updateItem } from '../update-item.ts'
import { createDueReconciles } from './due-reconciles.ts'
import { pagesKeyOf, secondsOf, stateKey } from './keys.ts'
import { nextWeekAt } from './next-week.ts'

const count = v.optional(v.number(), 0)

/**
 * What a reconcile has done, or in a preview would do. `there`: entries of the account list read; `here`: addresses of ours read. `not
 * removable`: entries that SES refuses to remove. `not readable`: entries whose reason or time is unknown to Sesame, or addresses of ours
 * whose items cannot be read; they are left as they are.
 */
export const ReconcileCounts = v.object({
  there: count,
  here: count,
  'in step': count,
  suppressed: count,
  corrected: count,
  lifted: count,
  adopted: count,
  conflicts: count,
  'not addresses': count,
  'not removable': count,
  'not readable': count,
})
export type ReconcileCounts = v.InferOutput<typeof ReconcileCounts>

/** How far a run is. The names are stored. */
const ReconcileRun = v.object({
  id: v.string(),
  startedAt: v.string(),
  /** The connection's revision and the digest of the rules of the run. It does not continue with others. Absent before version 0.3. */
  revision: v.optional(v.string()),
  rules: v.optional(v.string()),
  /** The out-of-sync mark at the start of the run. The run must not remove a later one. */
  behind: v.optional(v.string()),
  /** `there`: the account list, page by page. `here`: our list, address by address. */
  phase: v.picklist(['there', 'here']),
  /** SES's token of the next page of the account list. */
  token: v.optional(v.string()),
  /** The number of pages read. */
  pages: v.number(),
  /** The last address of our list that is done. */
  after: v.optional(v.string()),
  counts: ReconcileCounts,
})
export type ReconcileRun = v.InferOutput<typeof ReconcileRun>

/** The last finished run: its start, and the connection's revision and the digest of the rules that it used. */
const FinishedRun = v.object({ at: v.string(), revision: v.string(), rules: v.string() })
export type FinishedRun = v.InferOutput<typeof FinishedRun>

export type ReconcileState = {
  /** The time of the out-of-sync mark. */
  readonly behind?: string | undefined
  readonly run?: ReconcileRun | undefined
  readonly preview?: ReconcileRun | undefined
  readonly finished?: FinishedRun | undefined
}

export type ReconcileStates = ReturnType<typeof createReconcileStates>

/** @param table the projects table */
export function createReconcileStates(dynamodb: DynamoDBClient, table: string) {
  return { ...createLeases(dynamodb, table), ...createRuns(dynamodb, table), ...createPages(dynamodb, table) }
}

/** SES counts calls per account and region. */
type LeaseKey = { readonly account: string; readonly region: string }

function createLeases(dynamodb: DynamoDBClient, table: string) {
  /** No project id contains a space, so a lease never has the key of a project. */
  const leaseKeyOf = ({ account, region }: LeaseKey) => keyOf(stateKey, `lease ${account} ${region}`)
  return {
    /** `false` if another reconcile holds the lease. */
    acquire: (account: LeaseKey, now: Date, until: Date): Promise<boolean> =>
      updateItem(dynamodb, table, {
        Key: leaseKeyOf(account),
        UpdateExpression: 'SET lease = :until',
        ConditionExpression: 'attribute_not_exists(lease) OR lease <= :now',
        ExpressionAttributeValues: { ':until': { S: until.toISOString() }, ':now': { S: now.toISOString() } },
      }),

    /** Idempotent. */
    async release(account: LeaseKey): Promise<void> {
      await updateItem(dynamodb, table, { Key: leaseKeyOf(account), UpdateExpression: 'REMOVE lease' })
    },
  }
}

/** A run of another form, as a newer version may have left it, is none: the reconcile starts again. */
const Json = <Schema extends v.GenericSchema>(schema: Schema) =>
  v.optional(v.object({ S: v.pipe(v.string(), v.parseJson(), v.fallback(v.optional(schema), undefined)) }))
const StateItem = v.object({
  behind: v.optional(Text),
  run: Json(ReconcileRun),
  preview: Json(ReconcileRun),
  finished: Json(FinishedRun),
})

function readState(item: Item): ReconcileState {
  const { behind, run, preview, finished } = v.parse(StateItem, item)
  return { behind: behind?.S, run: run?.S, preview: preview?.S, finished: finished?.S }
}

function createRuns(dynamodb: DynamoDBClient, table: string) {
  const due = createDueReconciles(dynamodb, table)
  return {
    async find(project: string): Promise<ReconcileState> {
      const item = await findItem(dynamodb, table, stateKey, project)
      return item ? readState(item) : {}
    },

    /** Only the holder of the lease calls it. Idempotent. */
    async save(project: string, which: 'run' | 'preview', run: ReconcileRun): Promise<void> {
      await updateItem(dynamodb, table, {
        Key: keyOf(stateKey, project),
        UpdateExpression: 'SET #which = :run',
        ExpressionAttributeNames: { '#which': which },
        ExpressionAttributeValues: { ':run': { S: JSON.stringify(run) } },
      })
    },

    /** Idempotent. */
    async clear(project: string, which: 'run' | 'preview'): Promise<void> {
      await updateItem(dynamodb, table, {
        Key: keyOf(stateKey, project),
        UpdateExpression: 'REMOVE #which',
        ExpressionAttributeNames: { '#which': which },
      })
    },

    /**
     * Stores the finished run, and removes the out-of-sync mark if it is the one from the start of the run: the run has not seen what was
     * missed since. The project is due again in a week. Idempotent.
     */
    async finish(project: string, { behind }: ReconcileRun, finished: FinishedRun): Promise<void> {
      // First, so that a project with a finished run always has an entry.
      await due.add(project, nextWeekAt(project, finished))
      const values = { ':finished': { S: JSON.stringify(finished) } }
      const finishing = { Key: keyOf(stateKey, project), UpdateExpression: 'SET finished = :finished REMOVE run' }
      const isInSync =
        behind !== undefined &&
        (await updateItem(dynamodb, table, {
          ...finishing,
          UpdateExpression: 'SET finished = :finished REMOVE run, behind',
          ConditionExpression: 'behind = :behind',
          ExpressionAttributeValues: { ...values, ':behind': { S: behind } },
        }))
      if (!isInSync) await updateItem(dynamodb, table, { ...finishing, ExpressionAttributeValues: values })
    },
  }
}

const pageDays = 14

/** The addresses of each page of the account list, as digests (`address-set.ts`). They expire after two weeks. */
function createPages(dynamodb: DynamoDBClient, table: string) {
  return {
    /** Idempotent. */
    async savePage(project: string, run: ReconcileRun, page: number, digests: Uint8Array, now: Date): Promise<void> {
      await updateItem(dynamodb, table, {
        Key: keyOf(pagesKeyOf(project), `${run.id}#${String(page).padStart(6, '0')}`),
        UpdateExpression: 'SET seen = :seen, expiresAt = :expiresAt',
        ExpressionAttributeValues: {
          ':seen': { B: digests },
          ':expiresAt': { N: secondsOf(new Date(now.getTime() + pageDays * dayMs)) },
        },
      })
    },

    async readPages(project: string, run: ReconcileRun): Promise<Uint8Array[]> {
      const pages: Uint8Array[] = []
      for await (const { seen } of queryItems(dynamodb, table, pagesKeyOf(project), { prefix: `${run.id}#` }))
        if (seen?.B) pages.push(seen.B)
      return pages
    },
  }
}
