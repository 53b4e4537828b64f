/**
 * TransactWriteItems: all of it or nothing.
 *
 * The engine has no transactions. Each part runs against a view that only notes what it would write, while the locks of all items are held;
 * when every part succeeds the notes are carried out.
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
  tellsOld: boolean
}

const operations = { Put: 'PutItem', Update: 'UpdateItem', Delete: 'DeleteItem', ConditionCheck: 'DeleteItem' } as const

/** The parts, each checked as its single operation would be. */
export function readTransactionSteps(call: ServiceCall, ledger: Database): TransactionStep[] {
  const steps = readInput(input, call).TransactItems.flatMap((item) =>
    (['Put', 'Update', 'Delete', 'ConditionCheck'] as const).flatMap((kind): TransactionStep[] => {
      const one = item[kind]
      if (!one) return []
      const { ReturnValuesOnConditionCheckFailure: onFailure, ...rest } = one
      const table = findTable(ledger, one.TableName)
      const data = prepare(operations[kind], rest, ledger.store)
      const key = itemKeyOf(table.shape, itemOf(data.Key ?? data.Item))
      const tellsOld = onFailure === 'ALL_OLD'
      return [
        {
          operation: operations[kind],
          data,
          table: one.TableName,
          key,
          checksOnly: kind === 'ConditionCheck',
          tellsOld,
        },
      ]
    }),
  )
  if (new Set(steps.map(lockName)).size < steps.length) {
    throw new AwsError('ValidationException', 'Transaction request cannot include multiple operations on one item')
  }
  return steps
}

export function runTransaction(steps: readonly TransactionStep[], around: StoreContext): Promise<object> {
  const { store } = around.ledger
  // In one order for everybody, so that two transactions never wait for each other.
  const ordered = [...steps].sort((one, other) => (lockName(one) < lockName(other) ? -1 : 1))
  return ordered.reduceRight<() => Promise<object>>(
    (inner, step) => () => withItemLock(store.getItemDb(step.table), step.key, inner),
    () => carryOut(steps, around),
  )()
}

type Note = () => Promise<void>

async function carryOut(steps: readonly TransactionStep[], around: StoreContext): Promise<object> {
  const notes: Note[] = []
  const reasons: object[] = []
  for (const step of steps) {
    const seen: { old: EngineItem | undefined } = { old: undefined }
    try {
      await runOperation(step.operation, step.data, notingView(step, around, notes, seen))
      reasons.push({ Code: 'None' })
    } catch (cause) {
      if (!(cause instanceof AwsError)) throw cause
      const shows = step.tellsOld && seen.old
      reasons.push({ Code: codeOf(cause), Message: cause.message, ...(shows && { Item: seen.old }) })
    }
  }
  const codes = reasons.map((reason) => ('Code' in reason ? String(reason.Code) : ''))
  if (codes.some((code) => code !== 'None')) {
    const message = `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes.join(', ')}]`
    throw new AwsError('TransactionCanceledException', message, 400, { CancellationReasons: reasons })
  }
  const { crash } = around
  const crashes = crash.left > 0
  if (crashes) crash.left--
  if (crashes && crash.when === 'before') throw crash.error
  for (const note of notes) await note()
  if (crashes) throw crash.error
  return {}
}

const codeOf = (cause: AwsError) =>
  cause.code === 'ConditionalCheckFailedException' ? 'ConditionalCheckFailed' : 'ValidationError'

/** Reads are real, writes are noted; the locks are held already. */
function notingView(step: TransactionStep, around: StoreContext, notes: Note[], seen: { old: EngineItem | undefined }) {
  const real = createWatchedStore({ ...around, crash: { ...around.crash, left: 0 } }, createTrace())
  const noting = (items: ItemDb): ItemDb => ({
    ...reading(items, seen),
    put: (key, item, done) => {
      notes.push(() => settled((callback) => items.put(key, item, callback)))
      done(null)
    },
    del: (key, done) => {
      if (!step.checksOnly) notes.push(() => settled((callback) => items.del(key, callback)))
      done(null)
    },
  })
  return viewOf(real, noting, noting)
}

function reading(items: ItemDb, seen: { old: EngineItem | undefined }): ItemDb {
  return {
    ...items,
    lock: (_, locked) => locked((callback) => callback),
    get: (key, callback) =>
      items.get(key, (error, item) => {
        seen.old = item
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
