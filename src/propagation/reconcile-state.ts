/**
 * How far the reconcile of each project is: what it was doing when it stopped, when it was last done, and whether the project is behind.
 *
 * One reconcile of an account at a time, since SES counts calls by account: a lease, which ends by itself should its holder die.
 */
import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  paginateQuery,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb'
import * as v from 'valibot'
import { pagesKeyOf, secondsOf, stateKey } from './keys.ts'

const count = v.optional(v.number(), 0)

/** What a reconcile has done so far, or would do. */
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
})
export type ReconcileCounts = v.InferOutput<typeof ReconcileCounts>

/** Where a reconcile stands. */
const ReconcileRun = v.object({
  id: v.string(),
  startedAt: v.string(),
  /** The mark that it began with: a later one it cannot take away. */
  behind: v.optional(v.string()),
  /** First their list, page by page, then ours, address by address. */
  phase: v.picklist(['there', 'here']),
  token: v.optional(v.string()),
  pages: v.number(),
  after: v.optional(v.string()),
  counts: ReconcileCounts,
})
export type ReconcileRun = v.InferOutput<typeof ReconcileRun>

/** What the last finished reconcile was about: with another connection, or other rules, it must be done again. */
const Finished = v.object({ at: v.string(), revision: v.string(), rules: v.string() })
export type Finished = v.InferOutput<typeof Finished>

export type ReconcileState = {
  readonly behind?: string | undefined
  readonly run?: ReconcileRun | undefined
  readonly preview?: ReconcileRun | undefined
  readonly finished?: Finished | undefined
}

const Json = <Schema extends v.GenericSchema>(schema: Schema) =>
  v.optional(v.object({ S: v.pipe(v.string(), v.parseJson(), schema) }))
const StateItem = v.object({
  facet: v.object({ S: v.string() }),
  behind: v.optional(v.object({ S: v.string() })),
  run: Json(ReconcileRun),
  preview: Json(ReconcileRun),
  finished: Json(Finished),
})

const pageDays = 14

/** Whose API rate it is. */
type AccountPlace = { readonly account: string; readonly region: string }

export type ReconcileStates = ReturnType<typeof createReconcileStates>

/** @param table the projects table */
export function createReconcileStates(dynamodb: DynamoDBClient, table: string) {
  const keyOf = (project: string) => ({ id: { S: stateKey }, facet: { S: project } })
  /** No project id has a space. */
  const leaseOf = ({ account, region }: AccountPlace) => ({
    id: { S: stateKey },
    facet: { S: `lease ${account} ${region}` },
  })

  /** Answers whether the condition held. */
  async function update(input: Omit<UpdateItemCommandInput, 'TableName'>): Promise<boolean> {
    try {
      await dynamodb.send(new UpdateItemCommand({ TableName: table, ...input }))
      return true
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false
      throw error
    }
  }

  async function* query(condition: string, values: Record<string, AttributeValue>) {
    const pages = paginateQuery(
      { client: dynamodb },
      {
        TableName: table,
        KeyConditionExpression: condition,
        ExpressionAttributeValues: values,
        ConsistentRead: true,
      },
    )
    for await (const { Items = [] } of pages) yield* Items
  }

  return {
    async find(project: string): Promise<ReconcileState> {
      for await (const item of query('id = :id AND facet = :project', {
        ':id': { S: stateKey },
        ':project': { S: project },
      }))
        return stateIn(item)
      return {}
    },

    /** Of every project that has one. */
    async all(): Promise<Map<string, ReconcileState>> {
      const states = new Map<string, ReconcileState>()
      for await (const item of query('id = :id', { ':id': { S: stateKey } }))
        states.set(item.facet?.S ?? '', stateIn(item))
      return states
    },

    /** `false`: somebody else is at it. */
    take: (place: AccountPlace, now: Date, until: Date): Promise<boolean> =>
      update({
        Key: leaseOf(place),
        UpdateExpression: 'SET lease = :until',
        ConditionExpression: 'attribute_not_exists(lease) OR lease <= :now',
        ExpressionAttributeValues: { ':until': { S: until.toISOString() }, ':now': { S: now.toISOString() } },
      }),

    /** Again, it changes nothing. */
    async release(place: AccountPlace): Promise<void> {
      await update({ Key: leaseOf(place), UpdateExpression: 'REMOVE lease' })
    },

    /** Only the holder of the lease writes it; again, it says the same. */
    async keep(project: string, which: 'run' | 'preview', run: ReconcileRun): Promise<void> {
      await update({
        Key: keyOf(project),
        UpdateExpression: 'SET #which = :run',
        ExpressionAttributeNames: { '#which': which },
        ExpressionAttributeValues: { ':run': { S: JSON.stringify(run) } },
      })
    },

    async forget(project: string, which: 'run' | 'preview'): Promise<void> {
      await update({
        Key: keyOf(project),
        UpdateExpression: 'REMOVE #which',
        ExpressionAttributeNames: { '#which': which },
      })
    },

    /** The mark goes if it is the one that the reconcile began with: what was missed since, it has not seen. */
    async finish(project: string, { behind }: ReconcileRun, finished: Finished): Promise<void> {
      const values = { ':finished': { S: JSON.stringify(finished) } }
      const done = { Key: keyOf(project), UpdateExpression: 'SET finished = :finished REMOVE run' }
      const isUpToDate =
        behind !== undefined &&
        (await update({
          ...done,
          UpdateExpression: 'SET finished = :finished REMOVE run, behind',
          ConditionExpression: 'behind = :behind',
          ExpressionAttributeValues: { ...values, ':behind': { S: behind } },
        }))
      if (!isUpToDate) await update({ ...done, ExpressionAttributeValues: values })
    },

    /** What a page of the account list held; again, it is the same. It expires by itself. */
    async keepPage(project: string, run: ReconcileRun, page: number, seen: Uint8Array, now: Date): Promise<void> {
      await update({
        Key: { id: { S: pagesKeyOf(project) }, facet: { S: `${run.id}#${String(page).padStart(6, '0')}` } },
        UpdateExpression: 'SET seen = :seen, expiresAt = :expiresAt',
        ExpressionAttributeValues: {
          ':seen': { B: seen },
          ':expiresAt': { N: secondsOf(new Date(now.getTime() + pageDays * 86_400_000)) },
        },
      })
    },

    async pages(project: string, run: ReconcileRun): Promise<Uint8Array[]> {
      const pages: Uint8Array[] = []
      const values = { ':id': { S: pagesKeyOf(project) }, ':run': { S: `${run.id}#` } }
      for await (const { seen } of query('id = :id AND begins_with(facet, :run)', values))
        if (seen?.B) pages.push(seen.B)
      return pages
    },
  }
}

function stateIn(item: Record<string, AttributeValue>): ReconcileState {
  const { behind, run, preview, finished } = v.parse(StateItem, item)
  return { behind: behind?.S, run: run?.S, preview: preview?.S, finished: finished?.S }
}
