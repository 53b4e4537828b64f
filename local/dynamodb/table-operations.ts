/** Making, changing and describing tables: what the engine does of it, and what it does not know. */
import * as v from 'valibot'
import { AwsError, type ServiceCall, type ServiceOperation } from '../service.ts'
import { readInput } from '../wire/input.ts'
import {
  closeStream,
  type Database,
  findTable,
  openStream,
  type TableState,
  tableDescriptionOf,
  waitForTable,
} from './database.ts'
import { prepare, runOperation } from './engine.ts'

const streamSpecification = v.object({
  StreamEnabled: v.boolean(),
  StreamViewType: v.optional(v.picklist(['NEW_AND_OLD_IMAGES', 'NEW_IMAGE', 'OLD_IMAGE', 'KEYS_ONLY'])),
})
/** What stands beside the engine's own parameters. A parameter that neither knows is refused, not ignored. */
const beside = {
  StreamSpecification: v.optional(streamSpecification),
  SSESpecification: v.optional(v.object({ Enabled: v.optional(v.boolean(), false) })),
  DeletionProtectionEnabled: v.optional(v.boolean()),
}
const engineOwn = [
  'TableName',
  'AttributeDefinitions',
  'KeySchema',
  'BillingMode',
  'ProvisionedThroughput',
  'LocalSecondaryIndexes',
  'GlobalSecondaryIndexes',
  'GlobalSecondaryIndexUpdates',
]

const besideInput = v.object(beside)
const expiryInput = v.object({
  TableName: v.string(),
  TimeToLiveSpecification: v.object({ AttributeName: v.string(), Enabled: v.boolean() }),
})
const backupInput = v.object({
  TableName: v.string(),
  PointInTimeRecoverySpecification: v.object({ PointInTimeRecoveryEnabled: v.boolean() }),
})

export function tableOperations(ledgerOf: (call: ServiceCall) => Database): Readonly<Record<string, ServiceOperation>> {
  const describe = async (call: ServiceCall): Promise<object> => {
    const ledger = ledgerOf(call)
    const data = prepare('DescribeTable', { TableName: call.input.TableName }, ledger.store)
    const { Table: shape } = await runOperation('DescribeTable', data, ledger.store)
    return {
      ...(typeof shape === 'object' ? shape : {}),
      ...tableDescriptionOf(findTable(ledger, call.input.TableName)),
    }
  }
  return {
    async CreateTable(call) {
      const ledger = ledgerOf(call)
      const extras = readInput(besideInput, call)
      const result = await runOperation(
        'CreateTable',
        prepare('CreateTable', engineInput(call), ledger.store),
        ledger.store,
      )
      const shape = await waitForTable(ledger.store, String(call.input.TableName), 'ACTIVE')
      if (!shape) throw new Error('the engine lost a table')
      const table: TableState = {
        shape,
        encrypted: extras.SSESpecification?.Enabled ?? false,
        protected: extras.DeletionProtectionEnabled ?? false,
        recoverable: false,
      }
      ledger.tables.set(shape.TableName, table)
      changeStream(ledger, table, extras.StreamSpecification, call.at)
      const { TableDescription: made } = result
      return {
        TableDescription: {
          ...(typeof made === 'object' ? made : {}),
          ...tableDescriptionOf(table),
          TableStatus: 'CREATING',
        },
      }
    },
    async UpdateTable(call) {
      const ledger = ledgerOf(call)
      const table = findTable(ledger, call.input.TableName)
      const extras = readInput(besideInput, call)
      if (Object.keys(engineInput(call)).length > 1) {
        await runOperation('UpdateTable', prepare('UpdateTable', engineInput(call), ledger.store), ledger.store)
        await waitForTable(ledger.store, table.shape.TableName, 'ACTIVE')
      }
      table.protected = extras.DeletionProtectionEnabled ?? table.protected
      table.encrypted = extras.SSESpecification?.Enabled ?? table.encrypted
      changeStream(ledger, table, extras.StreamSpecification, call.at)
      return { TableDescription: await describe(call) }
    },
    async DeleteTable(call) {
      const ledger = ledgerOf(call)
      const data = prepare('DeleteTable', call.input, ledger.store)
      const table = findTable(ledger, call.input.TableName)
      if (table.protected) {
        throw new AwsError(
          'ValidationException',
          'Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.',
        )
      }
      const result = await runOperation('DeleteTable', data, ledger.store)
      await waitForTable(ledger.store, table.shape.TableName, 'gone')
      closeStream(table)
      ledger.tables.delete(table.shape.TableName)
      return result
    },
    DescribeTable: async (call) => ({ Table: await describe(call) }),
    ListTables: (call) =>
      runOperation('ListTables', prepare('ListTables', call.input, ledgerOf(call).store), ledgerOf(call).store),
    UpdateTimeToLive(call) {
      const { TimeToLiveSpecification: wanted, TableName: name } = readInput(expiryInput, call)
      const table = findTable(ledgerOf(call), name)
      if ((table.expiry?.enabled ?? false) === wanted.Enabled) {
        throw new AwsError('ValidationException', `TimeToLive is already ${wanted.Enabled ? 'enabled' : 'disabled'}`)
      }
      table.expiry = { attribute: wanted.AttributeName, enabled: wanted.Enabled }
      return { TimeToLiveSpecification: wanted }
    },
    DescribeTimeToLive(call) {
      const { expiry } = findTable(ledgerOf(call), call.input.TableName)
      return {
        TimeToLiveDescription: expiry?.enabled
          ? { TimeToLiveStatus: 'ENABLED', AttributeName: expiry.attribute }
          : { TimeToLiveStatus: 'DISABLED' },
      }
    },
    UpdateContinuousBackups(call) {
      const input = readInput(backupInput, call)
      const table = findTable(ledgerOf(call), input.TableName)
      table.recoverable = input.PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled
      return { ContinuousBackupsDescription: backupsOf(table) }
    },
    DescribeContinuousBackups(call) {
      return { ContinuousBackupsDescription: backupsOf(findTable(ledgerOf(call), call.input.TableName)) }
    },
  }
}

function engineInput({ input, operation }: ServiceCall): Readonly<Record<string, unknown>> {
  const strange = Object.keys(input).find((name) => !engineOwn.includes(name) && !(name in beside))
  if (strange) throw new AwsError('ValidationException', `The embedded AWS does not know ${strange} of ${operation}`)
  return Object.fromEntries(Object.entries(input).filter(([name]) => engineOwn.includes(name)))
}

type StreamSpecification = v.InferOutput<typeof streamSpecification>

function changeStream(ledger: Database, table: TableState, wanted: StreamSpecification | undefined, at: Date): void {
  if (!wanted) return
  if (!wanted.StreamEnabled) {
    closeStream(table)
    return
  }
  if (table.stream) throw new AwsError('ValidationException', 'Table already has an enabled stream')
  if (!wanted.StreamViewType) throw new AwsError('ValidationException', 'StreamViewType is required for a stream')
  openStream(ledger, table, wanted.StreamViewType, at)
}

function backupsOf(table: TableState): object {
  return {
    ContinuousBackupsStatus: 'ENABLED',
    PointInTimeRecoveryDescription: { PointInTimeRecoveryStatus: table.recoverable ? 'ENABLED' : 'DISABLED' },
  }
}
