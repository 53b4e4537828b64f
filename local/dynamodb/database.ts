/** The tables of one account in one region: the engine's store, and the settings that the engine lacks (stream, expiry, protection). */
import { AwsError } from '../service.ts'
import { createStore, findTableShape, type Store, type TableShape } from './engine.ts'
import { createStream, type Stream, type StreamViewType } from './stream.ts'

export type TableState = {
  shape: TableShape
  stream?: Stream
  /** The attribute with the time of expiry in epoch seconds. */
  expiry?: { attribute: string; enabled: boolean }
  encrypted: boolean
  protected: boolean
  recoverable: boolean
}

/** Requests and capacity units since the start or the last reset. */
export type Meter = { reads: number; writes: number; readUnits: number; writeUnits: number }

export type Database = {
  account: string
  region: string
  store: Store
  tables: Map<string, TableState>
  /** Every stream by ARN, closed ones included: they stay readable. */
  streams: Map<string, Stream>
}

export function createDatabase(account: string, region: string): Database {
  return { account, region, store: createStore(account, region), tables: new Map(), streams: new Map() }
}

/** @throws AwsError ResourceNotFoundException */
export function findTable(database: Database, name: unknown): TableState {
  const table = typeof name === 'string' ? database.tables.get(name) : undefined
  if (!table) throw notFound(`Requested resource not found: Table: ${String(name)} not found`)
  return table
}

export function notFound(message: string): AwsError {
  return new AwsError('ResourceNotFoundException', message)
}

/** Waits until the engine, which creates and deletes tables asynchronously, has finished. */
export async function waitForTable(
  store: Store,
  name: string,
  state: 'ACTIVE' | 'gone',
): Promise<TableShape | undefined> {
  for (;;) {
    const shape = await findTableShape(store, name)
    if (state === 'gone' ? !shape : shape?.TableStatus === 'ACTIVE') return shape
    await new Promise((resolve) => setTimeout(resolve, 0))
  }
}

export function openStream(database: Database, table: TableState, viewType: StreamViewType, at: Date): void {
  const stream = createStream(table.shape, viewType, at)
  table.stream = stream
  database.streams.set(stream.arn, stream)
}

export function closeStream(table: TableState): void {
  if (table.stream) table.stream.closed = true
  delete table.stream
}

/** The members of a table description that the engine lacks. */
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
