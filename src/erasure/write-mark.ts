/** Writes and removes the hashes of an address that is erased: src/suppression/erasure-mark.ts says what they are. */
import { DeleteItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { type ErasureMark, goneDays, type MarkKeys } from '../suppression/erasure-mark.ts'
import { dayMs } from '../time.ts'
import { updateItem } from '../update-item.ts'

/** @param table the suppression list: partition key `project`, sort key `address` */
export function createMarkWriter(dynamodb: DynamoDBClient, table: string, keyOf: MarkKeys) {
  return {
    /**
     * Idempotent: a second erasure has a later time and else the same values. The hash of the other kind, from an earlier erasure, is removed
     * afterwards.
     */
    async write(project: string, address: string, { erasedAt, blocks, accountList }: ErasureMark): Promise<void> {
      const { blocking, gone } = keyOf(project, address)
      const keyed = (key: string) => ({ project: { S: project }, address: { S: key } })
      const expiresAt = Math.ceil((erasedAt.getTime() + goneDays * dayMs) / 1_000)
      await updateItem(dynamodb, table, {
        Key: keyed(blocks ? blocking : gone),
        UpdateExpression: `SET erasedAt = :erasedAt, accountList = :accountList${blocks ? '' : ', expiresAt = :expiresAt'}`,
        ExpressionAttributeValues: {
          ':erasedAt': { S: erasedAt.toISOString() },
          ':accountList': { S: accountList },
          ...(!blocks && { ':expiresAt': { N: String(expiresAt) } }),
        },
      })
      await dynamodb.send(new DeleteItemCommand({ TableName: table, Key: keyed(blocks ? gone : blocking) }))
    },
  }
}
