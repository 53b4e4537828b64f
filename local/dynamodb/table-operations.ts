/** Create, change, describe and delete tables: the engine's part, and the settings that the engine lacks. */
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
/** Parameters that the engine lacks. A parameter that is neither here nor known to the engine is refused, not ignored. */
const extraParameters = {
  StreamSpecification: v.optional(streamSpecification),
  SSESpecification: v.optional(v.object({ Enabled: v.optional(v.boolean(), false) })),
  DeletionProtectionEnabled: v.optional(v.boolean()),
}
const engineParameters = [
  'TableName',
  'AttributeDefinitions',
  'KeySchema',
  'BillingMode',
  'ProvisionedThroughput',
  'LocalSecondaryIndexes',
  'GlobalSecondaryIndexes',
  'GlobalSecondaryIndexUpdates',
]

const extraInput = v.object(extraParameters)
const expiryInput = v.object({
  TableName: v.string(),
  TimeToLiveSpecification: v.object({ AttributeName: v.string(), Enabled: v.boolean() }),
})
const backupInput = v.object({
  TableName: v.string(),
  PointInTimeRecoverySpecification: v.object({ PointInTimeRecoveryEnabled: v.boolean() }),
})

export function tableOperations(
  databaseOf: (call: ServiceCall) => Database,
): Readonly<Record<string, ServiceOperation>> {
  const describe = async (call: ServiceCall): Promise<object> => {
    const database = databaseOf(call)
    const data = prepare('DescribeTable', { TableName: call.input.TableName }, database.store)
    const { Table: shape } = await runOperation('DescribeTable', data, database.store)
    return {
      ...(typeof shape === 'object' ? shape : {}),
      ...tableDescriptionOf(findTable(database, call.input.TableName)),
    }
  }
  return {
    async CreateTable(call) {
      const database = databaseOf(call)
      const extras = readInput(extraInput, call)
      const result = await runOperation(
        'CreateTable',
        prepare('CreateTable', engineInput(call), database.store),
        database.store,
      )
      const shape = await waitForTable(database.store, String(call.input.TableName), 'ACTIVE')
      if (!shape) throw new Error('The engine has no table after CreateTable')
      const table: TableState = {
        shape,
        encrypted: extras.SSESpecification?.Enabled ?? false,
        protected: extras.DeletionProtectionEnabled ?? false,
        recoverable: false,
      }
      database.tables.set(shape.TableName, table)
      changeStream(database, table, extras.StreamSpecification, call.at)
      const { TableDescription: description } = result
      return {
        TableDescription: {
          ...(typeof description === 'object' ? description : {}),
          ...tableDescriptionOf(table),
          TableStatus: 'CREATING',
        },
      }
    },
    async UpdateTable(call) {
      const database = databaseOf(call)
      const table = findTable(database, call.input.TableName)
      const extras = readInput(extraInput, call)
      if (Object.keys(engineInput(call)).length > 1) {
        await runOperation('UpdateTable', prepare('UpdateTable', engineInput(call), database.store), database.store)
        await waitForTable(database.store, table.shape.TableName, 'ACTIVE')
      }
      table.protected = extras.DeletionProtectionEnabled ?? table.protected
      table.encrypted = extras.SSESpecification?.Enabled ?? table.encrypted
      changeStream(database, table, extras.StreamSpecification, call.at)
      return { TableDescription: await describe(call) }
    },
    async DeleteTable(call) {
      const database = databaseOf(call)
      const data = prepare('DeleteTable', call.input, database.store)
      const table = findTable(database, call.input.TableName)
      if (table.protected) {
        throw new AwsError(
          'ValidationException',
          'Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.',
        )
      }
      const result = await runOperation('DeleteTable', data, database.store)
      await waitForTable(database.store, table.shape.TableName, 'gone')
      closeStream(table)
      database.tables.delete(table.shape.TableName)
      return result
    },
    DescribeTable: async (call) => ({ Table: await describe(call) }),
    ListTables: (call) =>
      runOperation('ListTables', prepare('ListTables', call.input, databaseOf(call).store), databaseOf(call).store),
    UpdateTimeToLive(call) {
      const { TimeToLiveSpecification: specification, TableName: name } = readInput(expiryInput, call)
      const table = findTable(databaseOf(call), name)
      if ((table.expiry?.enabled ?? false) === specification.Enabled) {
        throw new AwsError(
          'ValidationException',
          `TimeToLive is already ${specification.Enabled ? 'enabled' : 'disabled'}`,
        )
      }
      table.expiry = { attribute: specification.AttributeName, enabled: specification.Enabled }
      return { TimeToLiveSpecification: specification }
    },
    DescribeTimeToLive(call) {
      const { expiry } = findTable(databaseOf(call), call.input.TableName)
      return {
        TimeToLiveDescription: expiry?.enabled
          ? { TimeToLiveStatus: 'ENABLED', AttributeName: expiry.attribute }
          : { TimeToLiveStatus: 'DISABLED' },
      }
    },
    UpdateContinuousBackups(call) {
      const input = readInput(backupInput, call)
      const table = findTable(databaseOf(call), input.TableName)
      table.recoverable = input.PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled
      return { ContinuousBackupsDescription: backupsOf(table) }
    },
    DescribeContinuousBackups(call) {
      return { ContinuousBackupsDescription: backupsOf(findTable(databaseOf(call), call.input.TableName)) }
    },
  }
}

function engineInput({ input, operation }: ServiceCall): Readonly<Record<string, unknown>> {
  const unsupported = Object.keys(input).find((name) => !engineParameters.includes(name) && !(name in extraParameters))
  if (unsupported) {
    throw new AwsError('ValidationException', `The embedded AWS does not support ${unsupported} in ${operation}`)
  }
  return Object.fromEntries(Object.entries(input).filter(([name]) => engineParameters.includes(name)))
}

type StreamSpecification = v.InferOutput<typeof streamSpecification>

function changeStream(
  database: Database,
  table: TableState,
  specification: StreamSpecification | undefined,
  at: Date,
): void {
  if (!specification) return
  if (!specification.StreamEnabled) {
    closeStream(table)
    return
  }
  if (table.stream) throw new AwsError('ValidationException', 'Table already has an enabled stream')
  if (!specification.StreamViewType)
    throw new AwsError('ValidationException', 'StreamViewType is required for a stream')
  openStream(database, table, specification.StreamViewType, at)
}

function backupsOf(table: TableState): object {
  return {
    ContinuousBackupsStatus: 'ENABLED',
    PointInTimeRecoveryDescription: { PointInTimeRecoveryStatus: table.recoverable ? 'ENABLED' : 'DISABLED' },
  }
}
