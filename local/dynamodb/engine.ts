/**
 * dynalite's engine without its HTTP server: one store, called in process.
 *
 * An action receives a *view* of the store. The view sees each write under the engine's lock of the item; stream records, capacity counts
 * and simulated crashes are made there. Binary values are base64 text inside the engine.
 */
import { createRequire } from 'node:module'
import { AwsError } from '../service.ts'

export type AttributeValue = Readonly<Record<string, unknown>>
export type EngineItem = Readonly<Record<string, AttributeValue>>
export type EngineInput = Record<string, unknown>

type Callback<Result> = (error: unknown, result?: Result) => void

export type ItemDb = {
  get(key: string, callback: Callback<EngineItem>): void
  put(key: string, item: EngineItem, callback: Callback<void>): void
  del(key: string, callback: Callback<void>): void
  lock(key: string, locked: (release: (callback: Callback<unknown>) => Callback<unknown>) => void): void
  createValueStream(options: object): AsyncIterable<EngineItem>
}

export type TableShape = {
  TableName: string
  TableArn: string
  TableId: string
  TableStatus: string
  KeySchema: { AttributeName: string; KeyType: string }[]
  AttributeDefinitions: { AttributeName: string; AttributeType: string }[]
}

export type Store = {
  options: { maxItemSize: number }
  tableDb: { awsAccountId: string; awsRegion: string }
  getItemDb(table: string): ItemDb
  getIndexDb(kind: string, table: string, index: string): ItemDb
  getTable(name: string, checkStatus: boolean, callback: Callback<TableShape>): void
}

type Action = (store: Store, data: EngineInput, callback: Callback<object>) => void
type Validation = {
  types: Readonly<Record<string, unknown>>
  custom?: (data: EngineInput, store: Store) => string | undefined
}

const require = createRequire(import.meta.url)
const db: {
  create(options: object): Store
  createKey(key: EngineItem, table: TableShape): string
} = require('dynalite/db/index.js')
const validations: {
  checkTypes(data: EngineInput, types: Validation['types']): EngineInput
  checkValidations(data: EngineInput, types: Validation['types'], custom: Validation['custom'], store: Store): void
} = require('dynalite/validations/index.js')

const names = [
  'BatchGetItem',
  'BatchWriteItem',
  'CreateTable',
  'DeleteItem',
  'DeleteTable',
  'DescribeTable',
  'GetItem',
  'ListTables',
  'PutItem',
  'Query',
  'Scan',
  'UpdateItem',
  'UpdateTable',
] as const

export type EngineOperation = (typeof names)[number]

const actions = new Map<string, { run: Action; validation: Validation }>(
  names.map((name) => {
    const file = `${name.slice(0, 1).toLowerCase()}${name.slice(1)}.js`
    return [name, { run: require(`dynalite/actions/${file}`), validation: require(`dynalite/validations/${file}`) }]
  }),
)

export function createStore(account: string, region: string): Store {
  const store = db.create({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 })
  store.tableDb.awsAccountId = account
  store.tableDb.awsRegion = region
  return store
}

/**
 * Checks the input and parses its expressions, for `runOperation`.
 *
 * @throws AwsError as DynamoDB would
 */
export function prepare(
  operation: EngineOperation,
  input: Readonly<Record<string, unknown>>,
  store: Store,
): EngineInput {
  const { validation } = actionOf(operation)
  try {
    const data = validations.checkTypes(copyOf(input), validation.types)
    validations.checkValidations(data, validation.types, validation.custom, store)
    return data
  } catch (cause) {
    throw toAwsError(cause)
  }
}

/** Runs an operation on a view of the store. Rejects with AwsError as DynamoDB would. */
export function runOperation(
  operation: EngineOperation,
  data: EngineInput,
  view: Store,
): Promise<Readonly<Record<string, unknown>>> {
  return new Promise((resolve, reject) => {
    actionOf(operation).run(view, data, (error, result) => {
      if (error) reject(toAwsError(error))
      else resolve({ ...result })
    })
  })
}

export function findTableShape(store: Store, name: string): Promise<TableShape | undefined> {
  return new Promise((resolve, reject) => {
    store.getTable(name, false, (error, table) => {
      if (!error) resolve(table)
      else if (error instanceof Error && error.name === 'NotFoundError') resolve(undefined)
      else reject(error)
    })
  })
}

export function itemKeyOf(table: TableShape, item: EngineItem): string {
  return db.createKey(item, table)
}

/** A view of a store: `watch` wraps its items, `watchIndex` its indexes. */
export function viewOf(
  store: Store,
  watch: (items: ItemDb, table: string) => ItemDb,
  watchIndex: (index: ItemDb) => ItemDb = (index) => index,
): Store {
  return {
    ...store,
    getItemDb: (table) => watch(store.getItemDb(table), table),
    getIndexDb: (kind, table, index) => watchIndex(store.getIndexDb(kind, table, index)),
  }
}

/** Runs `work` while holding the lock of an item. */
export function withItemLock<Result>(items: ItemDb, key: string, work: () => Promise<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    items.lock(key, (release) => {
      const done = release(() => {})
      work()
        .then(resolve, reject)
        .finally(() => done(null))
    })
  })
}

function actionOf(operation: EngineOperation): { run: Action; validation: Validation } {
  const action = actions.get(operation)
  if (!action) throw new Error(`The engine has no operation ${operation}`)
  return action
}

/** A copy that the engine may keep and change, with bytes as base64. */
function copyOf(input: Readonly<Record<string, unknown>>): EngineInput {
  return Object.fromEntries(Object.entries(input).map(([name, value]) => [name, copyOfValue(value)]))
}

function copyOfValue(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
  if (Array.isArray(value)) return value.map(copyOfValue)
  return typeof value === 'object' && value !== null ? copyOf({ ...value }) : value
}

/** An engine error, which has the response body, as AwsError. Any other error is a defect and is returned unchanged. */
function toAwsError(cause: unknown): unknown {
  if (!(cause instanceof Error) || cause instanceof AwsError || !('body' in cause)) return cause
  const body: Readonly<Record<string, unknown>> = { ...(typeof cause.body === 'object' ? cause.body : {}) }
  const code = String(body.__type ?? 'InternalServerError').replace(/^.*#/, '')
  const status = 'statusCode' in cause && typeof cause.statusCode === 'number' ? cause.statusCode : 400
  return new AwsError(code, String(body.message ?? body.Message ?? ''), status)
}
