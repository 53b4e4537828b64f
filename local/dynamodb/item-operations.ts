/** Item operations: run by the engine, with AWS's capacity counts and the old item of a failed condition. */
import * as v from 'valibot'
import { AwsError, type ServiceCall } from '../service.ts'
import { type EngineInput, type EngineOperation, runOperation } from './engine.ts'
import { writeUnitsOf } from './item.ts'
import { createTrace, createWatchedStore, type StoreContext, type Trace } from './watched-store.ts'

const writes = new Set<EngineOperation>(['PutItem', 'UpdateItem', 'DeleteItem', 'BatchWriteItem'])

export async function runOnItems(
  operation: EngineOperation,
  data: EngineInput,
  call: ServiceCall,
  context: StoreContext,
): Promise<object> {
  const trace = createTrace()
  const view = createWatchedStore(context, trace, Boolean(data.ConsistentRead))
  // Units are counted for every read, whether the caller wants to see them or not.
  const asked = writes.has(operation) || isWanted(data) ? data : { ...data, ReturnConsumedCapacity: 'TOTAL' }
  try {
    const result = await runOperation(operation, asked, view)
    return withCapacity(operation, result, data, trace, context)
  } catch (cause) {
    throw withOldItem(cause, data, call, trace, context)
  }
}

const isWanted = ({ ReturnConsumedCapacity: wanted = 'NONE' }: EngineInput): boolean => wanted !== 'NONE'

type Result = Readonly<Record<string, unknown>>

/** The engine counts batches and queries. Single items are counted here, from the bytes that AWS counts. */
function withCapacity(
  operation: EngineOperation,
  result: Result,
  data: EngineInput,
  trace: Trace,
  context: StoreContext,
): object {
  const table = String(data.TableName ?? '')
  const single = operation !== 'BatchWriteItem' && writes.has(operation)
  if (!writes.has(operation)) {
    for (const { TableName = table, CapacityUnits } of capacitiesIn(result)) {
      const meter = context.meter(TableName)
      meter.reads++
      meter.readUnits += operation === 'GetItem' ? trace.readUnits : CapacityUnits
    }
    if (!isWanted(data)) {
      const { ConsumedCapacity: _, ...rest } = result
      return rest
    }
  }
  if (!result.ConsumedCapacity || !(single || operation === 'GetItem')) return result
  const units = single ? trace.writeUnits : trace.readUnits
  const detail = data.ReturnConsumedCapacity === 'INDEXES' ? { Table: { CapacityUnits: units } } : {}
  return { ...result, ConsumedCapacity: { TableName: table, CapacityUnits: units, ...detail } }
}

const Capacity = v.object({ TableName: v.optional(v.string()), CapacityUnits: v.number() })

/** One entry of each table that was read. */
const capacitiesIn = ({ ConsumedCapacity: given }: Result): v.InferOutput<typeof Capacity>[] =>
  [given ?? []].flat().map((capacity) => v.parse(Capacity, capacity))

/** A failed condition costs as much as the write would, and returns the old item when the caller requests it. */
function withOldItem(
  cause: unknown,
  data: EngineInput,
  call: ServiceCall,
  trace: Trace,
  context: StoreContext,
): unknown {
  if (!(cause instanceof AwsError) || cause.code !== 'ConditionalCheckFailedException') return cause
  const old = trace.found
  const meter = context.meter(String(data.TableName ?? ''))
  meter.writes++
  meter.writeUnits += writeUnitsOf(old, undefined)
  if (call.input.ReturnValuesOnConditionCheckFailure !== 'ALL_OLD' || !old) return cause
  return new AwsError(cause.code, cause.message, cause.status, { Item: old })
}
