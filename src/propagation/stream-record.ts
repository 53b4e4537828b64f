/**
 * One record of the suppression table's stream: the address that changed, and its item before and after the change.
 */
import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import * as v from 'valibot'
import { judge, type Verdict } from '../suppression/judge.ts'
import { readItem, recordOf, type StoredItem } from '../suppression/read-list.ts'
import type { SuppressionRules } from '../suppression/rules.ts'
import { addressOf } from '../suppression/stored-evidence.ts'

export type StreamChange = {
  readonly project: string
  readonly address: string
  /** The item's own sort key: the address, or one of its weeks. */
  readonly key: string
  readonly before: StoredItem | undefined
  readonly after: StoredItem | undefined
}

const isText = (value: unknown): value is { S: string } =>
  typeof value === 'object' && value !== null && 'S' in value && typeof value.S === 'string'

/** Keeps an item's string attributes. A verdict depends on no others. */
const Image = v.pipe(
  v.record(v.string(), v.unknown()),
  v.transform((image) => {
    const texts: Record<string, AttributeValue> = {}
    for (const [name, value] of Object.entries(image)) if (isText(value)) texts[name] = { S: value.S }
    return readItem(texts)
  }),
)

const StreamRecord = v.object({
  dynamodb: v.object({
    Keys: v.object({ project: v.object({ S: v.string() }), address: v.object({ S: v.string() }) }),
    OldImage: v.optional(Image),
    NewImage: v.optional(Image),
  }),
})

/** Whether the item was deleted: the address was erased, or a week expired. */
export const isDeletion = ({ after }: StreamChange): boolean => after === undefined

/** @throws ValiError if it is not a record of the suppression table's stream */
export function readStreamChange(record: unknown): StreamChange {
  const { Keys, OldImage: before, NewImage: after } = v.parse(StreamRecord, record).dynamodb
  const key = Keys.address.S
  return { project: Keys.project.S, address: addressOf(key), key, before, after }
}

/**
 * The verdicts just before and just after a change.
 * @param items the items of the address as they are now; the changed item is replaced by its image before and after
 */
export function verdictsOf(
  { key, before, after }: StreamChange,
  items: readonly StoredItem[],
  rules: SuppressionRules,
  now: Date,
): { before: Verdict; after: Verdict } {
  const others = items.filter(({ address }) => address !== key)
  const judgeWith = (item: StoredItem | undefined) => judge(recordOf(item ? [...others, item] : others), rules, now)
  return { before: judgeWith(before), after: judgeWith(after) }
}
