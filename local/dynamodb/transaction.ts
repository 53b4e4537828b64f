/**
 * TransactWriteItems: all writes or none.
 *
 * The engine has no transactions. While the locks of all items are held, each step runs against a view that collects its writes. When every
 * step succeeds, the collected writes are applied.
 */
import * as v from 'valibot'
import { AwsError, type ServiceCall } from '../service.ts'
import { readInput } from '../wire/input.ts'
import { type Database, findTable } from './database.ts'
import {
  type EngineInput,
  type EngineItem,
  type EngineOperation,
  type ItemDb,
  itemKeyOf,
  prepare,
  runOperation,
  viewOf,
  withItemLock,
} from './engine.ts'
import { createTrace, createWatchedStore, type StoreContext } from './watched-store.ts'

const part = v.looseObject({ TableName: v.string() })
const input = v.object({
  TransactItems: v.pipe(
    v.array(
      v.object({
        Put: v.optional(part),
        Update: v.optional(part),
        Delete: v.optional(part),
        ConditionCheck: v.optional(part),
      }),
    ),
    v.minLength(1),
    v.maxLength(100),
  ),
  ClientRequestToken: v.optional(v.string()),
})

export type TransactionStep = {
  operation: EngineOperation
  data: EngineInput
  table: string
  key: string
  checksOnly: boolean
  /** Whether a failed condition returns the old item. */
  returnsOldItem: boolean
}

const operations = { Put: 'PutItem', Update: 'UpdateItem', Delete: 'DeleteItem', ConditionCheck: 'DeleteItem' } as const

/**
 * The steps of a transaction, each checked as its single operation.
 *
 * @throws AwsError ValidationException, ResourceNotFoundException
 */
export function readTransactionSteps(call: ServiceCall, database: Database): TransactionStep[] {
  const steps = readInput(input, call).TransactItems.flatMap((item) =>
    (['Put', 'Update', 'Delete', 'ConditionCheck'] as const).flatMap((kind): TransactionStep[] => {
      const parameters = item[kind]
      if (!parameters) return []
      const { ReturnValuesOnConditionCheckFailure: onFailure, ...rest } = parameters
      const table = findTable(database, parameters.TableName)
      const data = prepare(operations[kind], rest, database.store)
      const key = itemKeyOf(table.shape, itemOf(data.Key ?? data.Item))
      return [
        {
          operation: operations[kind],
          data,
          table: parameters.TableName,
          key,
          checksOnly: kind === 'ConditionCheck',
          returnsOldItem: onFailure === 'ALL_OLD',
        },
      ]
    }),
  )
  if (new Set(steps.map(lockName)).size < steps.length) {
    throw new AwsError('ValidationException', 'Transaction request cannot include multiple operations on one item')
  }
  return steps
}

/** @throws AwsError TransactionCanceledException with the reason of each step */
export function runTransaction(steps: readonly TransactionStep[], context: StoreContext): Promise<object> {
  const { store } = context.database
  // Locks are taken in one global order, so that two transactions cannot deadlock.
  const ordered = [...steps].sort((a, b) => (lockName(a) < lockName(b) ? -1 : 1))
  return ordered.reduceRight<() => Promise<object>>(
    (inner, step) => () => withItemLock(store.getItemDb(step.table), step.key, inner),
    () => runSteps(steps, context),
  )()
}

type PendingWrite = () => Promise<void>

async function runSteps(steps: readonly TransactionStep[], context: StoreContext): Promise<object> {
  const writes: PendingWrite[] = []
  const reasons: object[] = []
  for (const step of steps) {
    const read: { old: EngineItem | undefined } = { old: undefined }
    try {
      await runOperation(step.operation, step.data, collectingView(step, context, writes, read))
      reasons.push({ Code: 'None' })
    } catch (cause) {
      if (!(cause instanceof AwsError)) throw cause
      const oldItem = step.returnsOldItem && read.old
      reasons.push({ Code: codeOf(cause), Message: cause.message, ...(oldItem && { Item: read.old }) })
    }
  }
  const codes = reasons.map((reason) => ('Code' in reason ? String(reason.Code) : ''))
  if (codes.some((code) => code !== 'None')) {
    const message = `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes.join(', ')}]`
    throw new AwsError('TransactionCanceledException', message, 400, { CancellationReasons: reasons })
  }
  const { writeFailure } = context
  const fails = writeFailure.remaining > 0
  if (fails) writeFailure.remaining--
  if (fails && writeFailure.when === 'before') throw writeFailure.error
  for (const write of writes) await write()
  if (fails) throw writeFailure.error
  return {}
}

const codeOf = (cause: AwsError) =>
  cause.code === 'ConditionalCheckFailedException' ? 'ConditionalCheckFailed' : 'ValidationError'

/** A view that reads from the store and collects writes. The locks are already held. */
function collectingView(
  step: TransactionStep,
  context: StoreContext,
  writes: PendingWrite[],
  read: { old: EngineItem | undefined },
) {
  const real = createWatchedStore(
    { ...context, writeFailure: { ...context.writeFailure, remaining: 0 } },
    createTrace(),
  )
  const collecting = (items: ItemDb): ItemDb => ({
    ...lockedReads(items, read),
    put: (key, item, done) => {
      writes.push(() => settled((callback) => items.put(key, item, callback)))
      done(null)
    },
    del: (key, done) => {
      if (!step.checksOnly) writes.push(() => settled((callback) => items.del(key, callback)))
      done(null)
    },
  })
  return viewOf(real, collecting, collecting)
}

function lockedReads(items: ItemDb, read: { old: EngineItem | undefined }): ItemDb {
  return {
    ...items,
    lock: (_, locked) => locked((callback) => callback),
    get: (key, callback) =>
      items.get(key, (error, item) => {
        read.old = item
        callback(error, item)
      }),
  }
}

function settled(start: (callback: (error: unknown) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => start((error) => (error ? reject(error) : resolve())))
}

const lockName = (step: TransactionStep) => `${step.table}/${step.key}`

function itemOf(value: unknown): EngineItem {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}
