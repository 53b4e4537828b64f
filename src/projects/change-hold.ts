/** Sets and lifts holds (src/projects/hold.ts). Each write changes the attribute of one cause, and the first reason stays until it is lifted. */
import type { DynamoDBClient, TransactWriteItem } from '@aws-sdk/client-dynamodb'
import { updateItem } from '../update-item.ts'
import { type ChangeContext, changeItemOf } from './changes.ts'
import { holdAttributes, holdFacet, type Reason, reasonValueOf, warningAttribute } from './hold.ts'
import type { HoldCause } from './hold-causes.ts'
import { noSuchProjectError, settingsFacet } from './projects.ts'
import { keyOf } from './table.ts'
import { conflict, retryOnConflict, transact } from './transaction.ts'

/** What a function may set without a person: a hold by its cause, or the warning. */
export type OwnReason = Exclude<HoldCause, 'operator'> | 'warning'

const attributeOf = (reason: OwnReason) => (reason === 'warning' ? warningAttribute : holdAttributes[reason])

/** @param table the projects table */
export function createOwnHolds(dynamodb: DynamoDBClient, table: string) {
  return {
    /**
     * Sets a reason unless there is one. Idempotent: a second reason of the same cause changes nothing.
     * @returns whether it is new
     */
    set: (project: string, own: OwnReason, reason: Reason): Promise<boolean> =>
      updateItem(dynamodb, table, {
        Key: keyOf(project, holdFacet),
        UpdateExpression: 'SET #reason = :reason',
        ConditionExpression: 'attribute_not_exists(#reason)',
        ExpressionAttributeNames: { '#reason': attributeOf(own) },
        ExpressionAttributeValues: { ':reason': reasonValueOf(reason) },
      }),

    /**
     * Lifts the reason that was read. Idempotent, and one that was set since stays.
     * @returns whether it was lifted
     */
    lift: (project: string, own: OwnReason, reason: Reason): Promise<boolean> =>
      updateItem(dynamodb, table, {
        Key: keyOf(project, holdFacet),
        UpdateExpression: 'REMOVE #reason',
        ConditionExpression: '#reason = :reason',
        ExpressionAttributeNames: { '#reason': attributeOf(own) },
        ExpressionAttributeValues: { ':reason': reasonValueOf(reason) },
      }),
  }
}

/** Holds and resumes that a person decides. Each is one transaction with its entry in the change history. */
export function createHoldDecisions(dynamodb: DynamoDBClient, table: string) {
  const decide = (
    project: string,
    update: Omit<NonNullable<TransactWriteItem['Update']>, 'TableName' | 'Key'>,
    context: ChangeContext,
    what: string,
    fields: Readonly<Record<string, string>>,
  ): Promise<void> =>
    retryOnConflict(project, async () => {
      const refused = await transact(dynamodb, {
        settings: {
          ConditionCheck: {
            TableName: table,
            Key: keyOf(project, settingsFacet),
            ConditionExpression: 'attribute_exists(settings)',
          },
        },
        hold: { Update: { TableName: table, Key: keyOf(project, holdFacet), ...update } },
        change: changeItemOf(table, project, context, what, fields),
      })
      if (refused === conflict) return conflict
      if (refused.size > 0) throw noSuchProjectError(project)
      return undefined
    })

  return {
    /** Replaces the hold of a person. Idempotent but for its entry in the history. @throws ProjectSettingsError */
    hold: (project: string, reason: Reason, context: ChangeContext): Promise<void> =>
      decide(
        project,
        {
          UpdateExpression: `SET ${holdAttributes.operator} = :reason REMOVE overriddenUntil`,
          ExpressionAttributeValues: { ':reason': reasonValueOf(reason) },
        },
        context,
        'held',
        { why: reason.why, ...(reason.until && { until: reason.until.toISOString() }) },
      ),

    /**
     * Ends every hold and the warning. Rates count from now on, and hold nothing before `until`. Idempotent but for its entry in the history.
     * @throws ProjectSettingsError
     */
    resume: (project: string, why: string, until: Date, context: ChangeContext): Promise<void> =>
      decide(
        project,
        {
          UpdateExpression: `SET resumedAt = :at, overriddenUntil = :until REMOVE ${[...Object.values(holdAttributes), warningAttribute].join(', ')}`,
          ExpressionAttributeValues: { ':at': { S: context.at.toISOString() }, ':until': { S: until.toISOString() } },
        },
        context,
        'resumed',
        { why, until: until.toISOString() },
      ),
  }
}
