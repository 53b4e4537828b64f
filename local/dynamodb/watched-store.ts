/**
 * What happens around each write: simulated crashes, the stream record, the meter.
 *
 * It stands inside the engine's lock of the item, so records of one item are in the order of its writes, and what a record says was before
 * really was.
 */
import type { AwsError } from '../service.ts'
import type { Database, Meter } from './database.ts'
import { type EngineItem, type ItemDb, type Store, viewOf } from './engine.ts'
import { readUnitsOf, sameItem, writeUnitsOf } from './item.ts'
import { appendRecord } from './stream.ts'

/** The next `left` writes fail, before they are applied or after; those to other tables than `table`, if it is given, do not. */
export type WriteFailure = { left: number; when: 'before' | 'after'; table: string | undefined; error: AwsError }

export type StoreContext = {
  ledger: Database
  at: Date
  crash: WriteFailure
  meter: (table: string) => Meter
  /** Told of each new stream record's table. */
  changed: (table: string) => void
  byService?: boolean
}

/** What one call saw and did, for its answer. `found` is the item that was read last: the one before the write, of a call on a single item. */
export type Trace = { found: EngineItem | undefined; writeUnits: number; readUnits: number }

export function createTrace(): Trace {
  return { found: undefined, writeUnits: 0, readUnits: 0 }
}

export function createWatchedStore(around: StoreContext, trace: Trace, consistent = true): Store {
  return viewOf(around.ledger.store, (items, table) => watched(items, table, around, trace, consistent))
}

function watched(items: ItemDb, table: string, around: StoreContext, trace: Trace, consistent: boolean): ItemDb {
  const meter = around.meter(table)
  const found = new Map<string, EngineItem | undefined>()
  const write = (
    key: string,
    after: EngineItem | undefined,
    apply: (done: (error: unknown) => void) => void,
    done: (error: unknown) => void,
  ): void => {
    const { crash } = around
    const crashes = crash.left > 0 && (crash.table ?? table) === table
    if (crashes) crash.left--
    if (crashes && crash.when === 'before') {
      done(crash.error)
      return
    }
    const before = found.get(key)
    apply((error) => {
      if (error) {
        done(error)
        return
      }
      noteWrite(around, meter, trace, table, before, after)
      done(crashes ? crash.error : null)
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

function noteWrite(
  around: StoreContext,
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
  const stream = around.ledger.tables.get(table)?.stream
  if (!stream || sameItem(before, after)) return
  appendRecord(stream, around.ledger.region, { before, after, at: around.at, byService: around.byService ?? false })
  around.changed(table)
}
