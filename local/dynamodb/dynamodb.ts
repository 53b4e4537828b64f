/**
 * DynamoDB and DynamoDB Streams: dynalite's engine with one store per account and region, and the features that the engine lacks.
 *
 * Tests can also read all items, count capacity units, and make writes fail before or after they are applied.
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
import { keptDynamoDbState } from './kept-state.ts'
import { streamOperations } from './stream-operations.ts'
import { tableOperations } from './table-operations.ts'
import { readTransactionSteps, runTransaction, type TransactionStep } from './transaction.ts'
import { createTrace, createWatchedStore, type StoreContext, type WriteFailure } from './watched-store.ts'

export type { Meter } from './database.ts'
export type { EngineItem } from './engine.ts'

export type DynamoDb = Service & {
  /** Every item of a table in Sesame's account and region. Attributes and sets are sorted, so that equal items have equal JSON. */
  items(table: string): Promise<EngineItem[]>
  /** Requests and capacity units of a table since the last `resetMeter`. */
  meter(table: string): Readonly<Meter>
  resetMeter(): void
  /** Makes the next writes to one table or to any fail, before or after they are applied. The SDK does not retry this error. */
  failWrites(count: number, when: 'before' | 'after', table?: string): void
  /** Deletes expired items, as DynamoDB does within days, and returns their number. The stream shows a deletion by the service. */
  expire(now?: Date): Promise<number>
  /** Calls `listener` with the stream's ARN whenever a record is added. */
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

const simulatedCrash = () => new AwsError('SimulatedCrash', 'The write failed because failWrites requested it.', 400)

export function createDynamoDb(platform: Platform): DynamoDb {
  const databases = new Map<string, Database>()
  const meters = new Map<string, Meter>()
  const listeners: ((streamArn: string) => void)[] = []
  const writeFailure: WriteFailure = { remaining: 0, when: 'before', table: undefined, error: simulatedCrash() }
  const prepared = new WeakMap<object, EngineInput>()
  const transactions = new WeakMap<object, TransactionStep[]>()
  const tokens = new Map<string, { request: string; at: number }>()

  const databaseIn = (account: string, region: string): Database => {
    const name = `${account}/${region}`
    let found = databases.get(name)
    if (!found) {
      found = createDatabase(account, region)
      databases.set(name, found)
    }
    return found
  }
  const databaseOf = (call: ServiceCall, arn?: unknown): Database => {
    const [, , , region, account] = typeof arn === 'string' ? arn.split(':') : []
    return databaseIn(account ?? call.account, region ?? call.region)
  }
  const meterOf = (database: Database, table: string): Meter => {
    const name = `${database.account}/${database.region}/${table}`
    let meter = meters.get(name)
    if (!meter) {
      meter = { reads: 0, writes: 0, readUnits: 0, writeUnits: 0 }
      meters.set(name, meter)
    }
    return meter
  }
  const contextOf = (database: Database, at: Date, byService = false): StoreContext => ({
    database,
    at,
    writeFailure,
    meter: (table) => meterOf(database, table),
    notifyChange: (table) => {
      const stream = database.tables.get(table)?.stream
      if (stream) for (const listener of listeners) listener(stream.arn)
    },
    byService,
  })
  const ownDatabase = () => databaseIn(platform.account, platform.region)

  const transactWrite: ServiceOperation = async (call) => {
    const steps = transactions.get(call.input) ?? readTransactionSteps(call, databaseOf(call))
    const { ClientRequestToken: token, ...rest } = call.input
    const name = `${call.account}/${String(token)}`
    const request = JSON.stringify(rest)
    const earlier = token === undefined ? undefined : tokens.get(name)
    if (earlier && call.at.getTime() - earlier.at < 10 * 60 * 1000) {
      if (earlier.request === request) return {}
      throw new AwsError(
        'IdempotentParameterMismatchException',
        'The client request token was used with another request.',
      )
    }
    const answer = await runTransaction(steps, contextOf(databaseOf(call), call.at))
    if (token !== undefined) {
      if (tokens.size >= 1000) tokens.clear()
      tokens.set(name, { request, at: call.at.getTime() })
    }
    return answer
  }

  const expireTable = async (database: Database, table: TableState, now: Date): Promise<number> => {
    const { expiry, shape } = table
    if (!expiry?.enabled) return 0
    const items = database.store.getItemDb(shape.TableName)
    const watched = createWatchedStore(contextOf(database, now, true), createTrace()).getItemDb(shape.TableName)
    let deleted = 0
    for (const item of await allItems(items)) {
      if (!isExpired(item, expiry.attribute, now)) continue
      const key = itemKeyOf(shape, item)
      // Read again under the lock: a concurrent write may have extended the expiry.
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
    keeps: () => keptDynamoDbState(ownDatabase, (table) => allItems(ownDatabase().store.getItemDb(table))),
    operations: {
      ...tableOperations(databaseOf),
      ...streamOperations(databaseOf),
      ...Object.fromEntries(
        itemOperations.map((name): [string, ServiceOperation] => [
          name,
          (call) => {
            const database = databaseOf(call)
            const data = prepared.get(call.input) ?? prepare(name, call.input, database.store)
            return runOnItems(name, data, call, contextOf(database, call.at))
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
            prepared.set(call.input, prepare(name, call.input, databaseOf(call).store))
          },
        ]),
      ),
      TransactWriteItems: (call) => {
        transactions.set(call.input, readTransactionSteps(call, databaseOf(call)))
      },
    },
    resourceContext: (call) => ({
      keySchemaOf: (arn, index) => keySchema(databaseOf(call, arn), arn, index),
    }),
    items: async (table) => {
      const { shape } = findTable(ownDatabase(), table)
      const items = await allItems(ownDatabase().store.getItemDb(shape.TableName))
      return items.map(canonicalItem)
    },
    meter: (table) => ({ ...meterOf(ownDatabase(), table) }),
    resetMeter: () => meters.clear(),
    failWrites: (count, when, table) => {
      Object.assign(writeFailure, { remaining: count, when, table })
    },
    expire: async (now = platform.clock.now()) => {
      let deleted = 0
      for (const database of databases.values()) {
        for (const table of database.tables.values()) deleted += await expireTable(database, table, now)
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

/** The attribute is a number of epoch seconds. AWS does not expire an item whose time is more than five years ago. */
function isExpired(item: EngineItem, attribute: string, now: Date): boolean {
  const value = item[attribute]?.N
  if (value === undefined) return false
  const [at, current] = [Number(value), now.getTime() / 1000]
  return at <= current && at > current - fiveYearsSeconds
}

function keySchema(database: Database, arn: string, index?: string): { partition: string; sort?: string } | undefined {
  const table = database.tables.get(arn.slice(arn.indexOf('/') + 1))
  if (!table || index !== undefined) return undefined
  const [partition, sort] = table.shape.KeySchema
  if (!partition) return undefined
  return { partition: partition.AttributeName, ...(sort && { sort: sort.AttributeName }) }
}
