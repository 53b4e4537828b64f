/**
 * The tables of one account in one region: the engine's store, and what the engine does not know of a table (stream, expiry, protection).
 */
import { AwsError } from '../service.ts'
import { createStore, findTableShape, type Store, type TableShape } from './engine.ts'
import { createStream, type Stream, type StreamViewType } from './stream.ts'

export type TableState = {
  shape: TableShape
  stream?: Stream
  /** Attribute that holds the time of expiry, in seconds. */
  expiry?: { attribute: string; enabled: boolean }
  encrypted: boolean
  protected: boolean
  recoverable: boolean
}

/** What was read and written since the start or the last reset, in AWS's units. */
export type Meter = { reads: number; writes: number; readUnits: number; writeUnits: number }

export type Database = {
  account: string
  region: string
  store: Store
  tables: Map<string, TableState>
  /** Every stream that ever was, by ARN: a closed one can still be read. */
  streams: Map<string, Stream>
}

export function createDatabase(account: string, region: string): Database {
  return { account, region, store: createStore(account, region), tables: new Map(), streams: new Map() }
}

export function findTable(ledger: Database, name: unknown): TableState {
  const table = typeof name === 'string' ? ledger.tables.get(name) : undefined
  if (!table) throw notFound(`Requested resource not found: Table: ${String(name)} not found`)
  return table
}

export function notFound(message: string): AwsError {
  return new AwsError('ResourceNotFoundException', message)
}

/** The engine makes and unmakes tables a moment later; this waits for that moment. */
export async function waitForTable(
  store: Store,
  name: string,
  wanted: 'ACTIVE' | 'gone',
): Promise<TableShape | undefined> {
  for (;;) {
    const shape = await findTableShape(store, name)
    if (wanted === 'gone' ? !shape : shape?.TableStatus === 'ACTIVE') return shape
    await new Promise((resolve) => setImmediate(resolve))
  }
}

export function openStream(ledger: Database, table: TableState, viewType: StreamViewType, at: Date): void {
  const stream = createStream(table.shape, viewType, at)
  table.stream = stream
  ledger.streams.set(stream.arn, stream)
}

export function closeStream(table: TableState): void {
  if (table.stream) table.stream.closed = true
  delete table.stream
}

/** What DescribeTable says beyond what the engine knows. */
export function tableDescriptionOf(table: TableState): object {
  const { stream } = table
  return {
    DeletionProtectionEnabled: table.protected,
    ...(stream && {
      StreamSpecification: { StreamEnabled: true, StreamViewType: stream.viewType },
      LatestStreamArn: stream.arn,
      LatestStreamLabel: stream.label,
    }),
    ...(table.encrypted && { SSEDescription: { Status: 'ENABLED', SSEType: 'KMS' } }),
  }
}
