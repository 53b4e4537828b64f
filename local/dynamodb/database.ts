/**
 * The tables of one account in one region: the engine's store, and what the engine does not know of a table (stream, expiry, protection).
 */
import { AwsError } from '../service.ts'
import { createStore, type Store, type TableShape, tableOf } from './engine.ts'
import { createStream, type Stream, type ViewType } from './stream.ts'

export type Table = {
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

export type Ledger = {
  account: string
  region: string
  store: Store
  tables: Map<string, Table>
  /** Every stream that ever was, by ARN: a closed one can still be read. */
  streams: Map<string, Stream>
}

export function createLedger(account: string, region: string): Ledger {
  return { account, region, store: createStore(account, region), tables: new Map(), streams: new Map() }
}

export function tableNamed(ledger: Ledger, name: unknown): Table {
  const table = typeof name === 'string' ? ledger.tables.get(name) : undefined
  if (!table) throw notFound(`Requested resource not found: Table: ${String(name)} not found`)
  return table
}

export function notFound(message: string): AwsError {
  return new AwsError('ResourceNotFoundException', message)
}

/** The engine makes and unmakes tables a moment later; this waits for that moment. */
export async function settledTable(
  store: Store,
  name: string,
  wanted: 'ACTIVE' | 'gone',
): Promise<TableShape | undefined> {
  for (;;) {
    const shape = await tableOf(store, name)
    if (wanted === 'gone' ? !shape : shape?.TableStatus === 'ACTIVE') return shape
    await new Promise((resolve) => setImmediate(resolve))
  }
}

export function openStream(ledger: Ledger, table: Table, viewType: ViewType, at: Date): void {
  const stream = createStream(table.shape, viewType, at)
  table.stream = stream
  ledger.streams.set(stream.arn, stream)
}

export function closeStream(table: Table): void {
  if (table.stream) table.stream.closed = true
  delete table.stream
}

/** What DescribeTable says beyond what the engine knows. */
export function described(table: Table): object {
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
