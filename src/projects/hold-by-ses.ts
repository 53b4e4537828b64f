/**
 * Sets the hold of a project for which SES sends nothing (src/projects/hold.ts).
 *
 * In a file of its own, because the role of the function that sends may set this attribute and write nothing else of a project.
 */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { updateItem } from '../update-item.ts'
import { holdAttributes, holdFacet, type Reason, reasonValueOf } from './hold.ts'
import { keyOf } from './table.ts'

/** Idempotent: of two reasons, the later one stays. Each ends by itself. */
export async function setHoldBySes(
  dynamodb: DynamoDBClient,
  table: string,
  project: string,
  reason: Reason,
): Promise<void> {
  await updateItem(dynamodb, table, {
    Key: keyOf(project, holdFacet),
    UpdateExpression: 'SET #reason = :reason',
    ExpressionAttributeNames: { '#reason': holdAttributes.ses },
    ExpressionAttributeValues: { ':reason': reasonValueOf(reason) },
  })
}
