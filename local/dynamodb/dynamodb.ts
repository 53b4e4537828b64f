/**
 * DynamoDB and its Streams: dynalite's engine, one store per account and region, and what it lacks around it.
 *
 * For tests there is more than AWS offers: raw items, a meter of units, writes that fail before or after they were applied.
 */

import { AwsError, type Platform, type Service, type ServiceCall, type ServiceOperation } from '../service.ts'
import { createDatabase, type Database, findTable, type Meter, type TableState } from './database.ts'
import {
  type EngineInput,
  type EngineItem,
  type EngineOperation,
  type ItemDb,
  itemKeyOf,
  prepare,
  withItemLock,
} from './engine.ts'
import { canonicalItem } from './item.ts'
import { runOnItems } from './item-operations.ts'
import { streamOperations } from './stream-operations.ts'
import { tableOperations } from './table-operations.ts'
import { readTransactionSteps, runTransaction, type TransactionStep } from './transaction.ts'
import { createTrace, createWatchedStore, type StoreContext, type WriteFailure } from './watched-store.ts'

export type { Meter } from './database.ts'
export type { EngineItem } from './engine.ts'

export type DynamoDb = Service & {
  /** Every item of a table, attributes and sets in order, so that equal tables are equal text. Sesame's own account and region. */
  items(table: string): Promise<EngineItem[]>
  /** Requests and units of a table since the last `resetMeter`. */
  meter(table: string): Readonly<Meter>
  resetMeter(): void
  /** The next writes to a table, or to any, fail: `before` they are applied, or `after`. The error is not one that the SDK retries. */
  failWrites(count: number, when: 'before' | 'after', table?: string): void
  /** Deletes what has expired, as DynamoDB does within days of it: the stream shows a deletion by the service. */
  expire(now?: Date): Promise<number>
  /** Calls `listener` with the stream's ARN whenever a record was added. */
  onRecord(listener: (streamArn: string) => void): void
}

const itemOperations: readonly EngineOperation[] = [
  'GetItem',
  'PutItem',
  'UpdateItem',
  'DeleteItem',
  'Query',
  'Scan',
  'BatchGetItem',
  'BatchWriteItem',
]

const simulated = () => new AwsError('SimulatedCrash', 'The write failed as it was told to.', 400)

export function createDynamoDb(platform: Platform): DynamoDb {
  const ledgers = new Map<string, Database>()
  const meters = new Map<string, Meter>()
  const listeners: ((streamArn: string) => void)[] = []
  const crash: WriteFailure = { left: 0, when: 'before', table: undefined, error: simulated() }
  const prepared = new WeakMap<object, EngineInput>()
  const transactions = new WeakMap<object, TransactionStep[]>()
  const tokens = new Map<string, { request: string; at: number }>()

  const ledger = (account: string, region: string): Database => {
    const name = `${account}/${region}`
    let found = ledgers.get(name)
    if (!found) {
      found = createDatabase(account, region)
      ledgers.set(name, found)
    }
    return found
  }
  const ledgerOf = (call: ServiceCall, arn?: unknown): Database => {
    const [, , , region, account] = typeof arn === 'string' ? arn.split(':') : []
    return ledger(account ?? call.account, region ?? call.region)
  }
  const meterOf = (of: Database, table: string): Meter => {
    const name = `${of.account}/${of.region}/${table}`
    let meter = meters.get(name)
    if (!meter) {
      meter = { reads: 0, writes: 0, readUnits: 0, writeUnits: 0 }
      meters.set(name, meter)
    }
    return meter
  }
  const around = (of: Database, at: Date, byService = false): StoreContext => ({
    ledger: of,
    at,
    crash,
    meter: (table) => meterOf(of, table),
    changed: (table) => {
      const stream = of.tables.get(table)?.stream
      if (stream) for (const listener of listeners) listener(stream.arn)
    },
    byService,
  })
  const own = () => ledger(platform.account, platform.region)

  const transactWrite: ServiceOperation = async (call) => {
    const steps = transactions.get(call.input) ?? readTransactionSteps(call, ledgerOf(call))
    const { ClientRequestToken: token, ...rest } = call.input
    const name = `${call.account}/${String(token)}`
    const request = JSON.stringify(rest)
    const earlier = token === undefined ? undefined : tokens.get(name)
    if (earlier && call.at.getTime() - earlier.at < 10 * 60 * 1000) {
      if (earlier.request === request) return {}
      throw new AwsError('IdempotentParameterMismatchException', 'The token was used for another request.')
    }
    const done = await runTransaction(steps, around(ledgerOf(call), call.at))
    if (token !== undefined) {
      if (tokens.size >= 1000) tokens.clear()
      tokens.set(name, { request, at: call.at.getTime() })
    }
    return done
  }

  const expireTable = async (of: Database, table: TableState, now: Date): Promise<number> => {
    const { expiry, shape } = table
    if (!expiry?.enabled) return 0
    const items = of.store.getItemDb(shape.TableName)
    const watched = createWatchedStore(around(of, now, true), createTrace()).getItemDb(shape.TableName)
    let deleted = 0
    for (const item of await allItems(items)) {
      if (!isExpired(item, expiry.attribute, now)) continue
      const key = itemKeyOf(shape, item)
      // Looked at again under the lock: a write may have given it more time.
      await withItemLock(items, key, async () => {
        const current = await getItem(watched, key)
        if (!current || !isExpired(current, expiry.attribute, now)) return
        await new Promise<void>((resolve, reject) => watched.del(key, (error) => (error ? reject(error) : resolve())))
        deleted++
      })
    }
    return deleted
  }

  return {
    operations: {
      ...tableOperations(ledgerOf),
      ...streamOperations(ledgerOf),
      ...Object.fromEntries(
        itemOperations.map((name): [string, ServiceOperation] => [
          name,
          (call) => {
            const of = ledgerOf(call)
            const data = prepared.get(call.input) ?? prepare(name, call.input, of.store)
            return runOnItems(name, data, call, around(of, call.at))
          },
        ]),
      ),
      TransactWriteItems: transactWrite,
    },
    checks: {
      ...Object.fromEntries(
        itemOperations.map((name) => [
          name,
          (call: ServiceCall) => {
            prepared.set(call.input, prepare(name, call.input, ledgerOf(call).store))
          },
        ]),
      ),
      TransactWriteItems: (call) => {
        transactions.set(call.input, readTransactionSteps(call, ledgerOf(call)))
      },
    },
    place: (call) => ({
      keySchemaOf: (arn, index) => keySchema(ledgerOf(call, arn), arn, index),
    }),
    items: async (table) => {
      const { shape } = findTable(own(), table)
      const items = await allItems(own().store.getItemDb(shape.TableName))
      return items.map(canonicalItem)
    },
    meter: (table) => ({ ...meterOf(own(), table) }),
    resetMeter: () => meters.clear(),
    failWrites: (count, when, table) => {
      Object.assign(crash, { left: count, when, table })
    },
    expire: async (now = platform.clock.now()) => {
      let deleted = 0
      for (const of of ledgers.values()) {
        for (const table of of.tables.values()) deleted += await expireTable(of, table, now)
      }
      return deleted
    },
    onRecord: (listener) => {
      listeners.push(listener)
    },
  }
}

async function allItems(items: ItemDb): Promise<EngineItem[]> {
  const found: EngineItem[] = []
  for await (const item of items.createValueStream({})) found.push(item)
  return found
}

function getItem(items: ItemDb, key: string): Promise<EngineItem | undefined> {
  return new Promise((resolve, reject) => {
    items.get(key, (error, item) => {
      if (error && !(error instanceof Error && error.name === 'NotFoundError')) reject(error)
      else resolve(item)
    })
  })
}

const fiveYearsSeconds = 5 * 365 * 24 * 60 * 60

/** Seconds, a number; what is longer ago than five years is taken for a mistake, as AWS takes it. */
function isExpired(item: EngineItem, attribute: string, now: Date): boolean {
  const value = item[attribute]?.N
  if (value === undefined) return false
  const [at, current] = [Number(value), now.getTime() / 1000]
  return at <= current && at > current - fiveYearsSeconds
}

function keySchema(of: Database, arn: string, index?: string): { partition: string; sort?: string } | undefined {
  const table = of.tables.get(arn.slice(arn.indexOf('/') + 1))
  if (!table || index !== undefined) return undefined
  const [partition, sort] = table.shape.KeySchema
  if (!partition) return undefined
  return { partition: partition.AttributeName, ...(sort && { sort: sort.AttributeName }) }
}
