/**
 * Takes an address out of the answers that are kept for requests with an idempotency key (src/api/idempotency.ts).
 *
 * The item itself stays until it expires: without it, a repetition of the request would send the mail again.
 */
import {
  type AttributeValue,
  type DynamoDBClient,
  QueryCommand,
  type QueryCommandOutput,
} from '@aws-sdk/client-dynamodb'
import { decodeAnswer, encodeAnswer } from '../api/stored-answer.ts'
import { updateItem } from '../update-item.ts'
import { withoutAddress } from './redact.ts'

export type AnswersPass = {
  readonly redacted: number
  /** The key after which the pass goes on; absent if it is through. */
  readonly next?: string
}

/**
 * Idempotent: an answer without the address is left as it is, and an answer that has changed since it was read is not overwritten.
 *
 * @param table the sends: partition key `project`, sort key `key`
 * @param after the key after which to begin
 * @param changes whether to write, or only to count
 */
export async function redactAnswers(
  dynamodb: DynamoDBClient,
  table: string,
  project: string,
  address: string,
  after: string | undefined,
  changes: boolean,
  goesOn: () => boolean,
): Promise<AnswersPass> {
  const keyOf = (key: string) => ({ project: { S: project }, key: { S: key } })
  let redacted = 0
  let start: Record<string, AttributeValue> | undefined = after === undefined ? undefined : keyOf(after)
  do {
    const page: QueryCommandOutput = await dynamodb.send(
      new QueryCommand({
        TableName: table,
        KeyConditionExpression: '#project = :project',
        ProjectionExpression: '#key, #answer',
        ExpressionAttributeNames: { '#project': 'project', '#key': 'key', '#answer': 'answer' },
        ExpressionAttributeValues: { ':project': { S: project } },
        ...(start && { ExclusiveStartKey: start }),
      }),
    )
    for (const { key, answer } of page.Items ?? []) {
      const before = answer?.B
      if (!key?.S || before === undefined) continue
      const { body, ...rest } = decodeAnswer(before)
      const redactedBody = withoutAddress(body, address)
      if (redactedBody === body) continue
      redacted++
      if (!changes) continue
      await updateItem(dynamodb, table, {
        Key: keyOf(key.S),
        UpdateExpression: 'SET #answer = :answer',
        ConditionExpression: '#answer = :before',
        ExpressionAttributeNames: { '#answer': 'answer' },
        ExpressionAttributeValues: {
          ':answer': { B: encodeAnswer({ ...rest, body: redactedBody }) },
          ':before': { B: before },
        },
      })
    }
    start = page.LastEvaluatedKey
  } while (start && goesOn())
  const next = start?.key?.S
  return { redacted, ...(next !== undefined && { next }) }
}
