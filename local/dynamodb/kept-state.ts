/**
 * What DynamoDB keeps between runs: the items of the deployed tables.
 *
 * Items are put below the view that makes stream records, so that no function hears of them a second time.
 */
import * as v from 'valibot'
import type { KeptState } from '../service.ts'
import type { Database } from './database.ts'
import { type EngineItem, prepare, runOperation } from './engine.ts'

const item = v.record(v.string(), v.record(v.string(), v.unknown()))
const kept = v.map(v.string(), v.array(item))

export function keptDynamoDbState(
  database: () => Database,
  itemsOf: (table: string) => Promise<EngineItem[]>,
): KeptState {
  return {
    async dump() {
      const tables = [...database().tables.keys()]
      return new Map(await Promise.all(tables.map(async (name) => [name, await itemsOf(name)] as const)))
    },
    async restore(value) {
      const { tables, store } = database()
      for (const [TableName, items] of v.parse(kept, value)) {
        // A table that is no longer deployed.
        if (!tables.has(TableName)) continue
        // Idempotent: an item replaces itself.
        for (const Item of items) await runOperation('PutItem', prepare('PutItem', { TableName, Item }, store), store)
      }
    },
  }
}
