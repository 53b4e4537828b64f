/**
 * A view of the store that adds simulated failures, stream records and capacity counts to each write.
 *
 * It runs under the engine's lock of the item. So the records of one item are in the order of its writes, and the old image of a record is
 * the item that the write replaced.
 */
import type { AwsError } from '../service.ts'
import type { Database, Meter } from './database.ts'
import { type EngineItem, type ItemDb, type Store, viewOf } from './engine.ts'
import { readUnitsOf, sameItem, writeUnitsOf } from './item.ts'
import { appendRecord } from './stream.ts'

/** The next `remaining` writes fail, before or after they are applied. With `table`, only writes to that table fail. */
export type WriteFailure = { remaining: number; when: 'before' | 'after'; table: string | undefined; error: AwsError }

export type StoreContext = {
  database: Database
  at: Date
  writeFailure: WriteFailure
  meter: (table: string) => Meter
  /** Called with the table of each new stream record. */
  notifyChange: (table: string) => void
  /** Whether DynamoDB itself makes the change (expiry). */
  byService?: boolean
}

/** Facts about one call for its response. `found` is the item that was read last; for a call on one item, the item before the write. */
export type Trace = { found: EngineItem | undefined; writeUnits: number; readUnits: number }

export function createTrace(): Trace {
  return { found: undefined, writeUnits: 0, readUnits: 0 }
}

export function createWatchedStore(context: StoreContext, trace: Trace, consistent = true): Store {
  return viewOf(context.database.store, (items, table) => watched(items, table, context, trace, consistent))
}

function watched(items: ItemDb, table: string, context: StoreContext, trace: Trace, consistent: boolean): ItemDb {
  const meter = context.meter(table)
  const found = new Map<string, EngineItem | undefined>()
  const write = (
    key: string,
    after: EngineItem | undefined,
    apply: (done: (error: unknown) => void) => void,
    done: (error: unknown) => void,
  ): void => {
    const { writeFailure } = context
    const fails = writeFailure.remaining > 0 && (writeFailure.table ?? table) === table
    if (fails) writeFailure.remaining--
    if (fails && writeFailure.when === 'before') {
      done(writeFailure.error)
      return
    }
    const before = found.get(key)
    apply((error) => {
      if (error) {
        done(error)
        return
      }
      recordWrite(context, meter, trace, table, before, after)
      done(fails ? writeFailure.error : null)
    })
  }
  const view: ItemDb = {
    lock: items.lock,
    createValueStream: items.createValueStream.bind(items),
    get: (key, callback) =>
      items.get(key, (error, item) => {
        if (!error || (error instanceof Error && error.name === 'NotFoundError')) {
          found.set(key, item)
          trace.found = item
        }
        const units = readUnitsOf(item, consistent)
        trace.readUnits += units
        callback(error, item)
      }),
    put: (key, item, callback) => write(key, item, (done) => items.put(key, item, done), callback),
    del: (key, callback) => write(key, undefined, (done) => items.del(key, done), callback),
  }
  return view
}

function recordWrite(
  context: StoreContext,
  meter: Meter,
  trace: Trace,
  table: string,
  before: EngineItem | undefined,
  after: EngineItem | undefined,
): void {
  const units = writeUnitsOf(before, after)
  trace.writeUnits += units
  meter.writes++
  meter.writeUnits += units
  const stream = context.database.tables.get(table)?.stream
  if (!stream || sameItem(before, after)) return
  appendRecord(stream, context.database.region, {
    before,
    after,
    at: context.at,
    byService: context.byService ?? false,
  })
  context.notifyChange(table)
}
