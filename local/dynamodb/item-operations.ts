/** Reads and writes of items: the engine's work, with AWS's capacity counts and the old item of a failed condition. */
import { AwsError, type ServiceCall } from '../service.ts'
import { type EngineInput, type EngineOperation, runOperation } from './engine.ts'
import { writeUnitsOf } from './item.ts'
import { createTrace, createWatchedStore, type StoreContext, type Trace } from './watched-store.ts'

const writes = new Set<EngineOperation>(['PutItem', 'UpdateItem', 'DeleteItem', 'BatchWriteItem'])

export async function runOnItems(
  operation: EngineOperation,
  data: EngineInput,
  call: ServiceCall,
  around: StoreContext,
): Promise<object> {
  const trace = createTrace()
  const view = createWatchedStore(around, trace, Boolean(data.ConsistentRead))
  try {
    const result = await runOperation(operation, data, view)
    return withCapacity(operation, result, data, trace, around)
  } catch (cause) {
    throw refused(cause, data, call, trace, around)
  }
}

type Result = Readonly<Record<string, unknown>>

/** Batches and queries are counted by the engine; single items here, from the bytes that AWS counts. */
function withCapacity(
  operation: EngineOperation,
  result: Result,
  data: EngineInput,
  trace: Trace,
  around: StoreContext,
): object {
  const table = String(data.TableName ?? '')
  const single = operation !== 'BatchWriteItem' && writes.has(operation)
  if (!writes.has(operation)) {
    const meter = around.meter(table)
    meter.reads++
    meter.readUnits += operation === 'GetItem' ? trace.readUnits : unitsIn(result)
  }
  if (!result.ConsumedCapacity || !(single || operation === 'GetItem')) return result
  const units = single ? trace.writeUnits : trace.readUnits
  const detail = data.ReturnConsumedCapacity === 'INDEXES' ? { Table: { CapacityUnits: units } } : {}
  return { ...result, ConsumedCapacity: { TableName: table, CapacityUnits: units, ...detail } }
}

function unitsIn({ ConsumedCapacity: capacity }: Result): number {
  return typeof capacity === 'object' && capacity !== null && 'CapacityUnits' in capacity
    ? Number(capacity.CapacityUnits)
    : 0
}

/** A failed condition costs as much as the write would have, and tells the old item where the caller asks for it. */
function refused(cause: unknown, data: EngineInput, call: ServiceCall, trace: Trace, around: StoreContext): unknown {
  if (!(cause instanceof AwsError) || cause.code !== 'ConditionalCheckFailedException') return cause
  const old = trace.found
  const meter = around.meter(String(data.TableName ?? ''))
  meter.writes++
  meter.writeUnits += writeUnitsOf(old, undefined)
  if (call.input.ReturnValuesOnConditionCheckFailure !== 'ALL_OLD' || !old) return cause
  return new AwsError(cause.code, cause.message, cause.status, { Item: old })
}
