/**
 * Lists of affected recipients. One recipient that cannot be read does not hide the others: it is kept apart, with its position and what is wrong.
 */
import * as v from 'valibot'

/** A recipient that cannot be read. `field` is the path from the list on, such as `[1].emailAddress`. Never holds a value of the event. */
export type UnreadableRecipient = { readonly field: string; readonly problem: string }

type Read<Schema extends v.GenericSchema> = { recipients: v.InferOutput<Schema>[]; unreadable?: UnreadableRecipient[] }

/** An optional list of recipients: absent or null counts as empty. `unreadable` is absent if all can be read. */
export const recipientsOf = <Schema extends v.GenericSchema>(recipient: Schema) =>
  v.pipe(
    v.nullish(v.array(v.unknown()), []),
    v.transform((list) => readAll(recipient, list)),
  )

/** A list of at least one recipient. */
export const someRecipientsOf = <Schema extends v.GenericSchema>(recipient: Schema) =>
  v.pipe(
    v.array(v.unknown()),
    v.nonEmpty('names no recipient'),
    v.transform((list) => readAll(recipient, list)),
  )

function readAll<Schema extends v.GenericSchema>(recipient: Schema, list: readonly unknown[]): Read<Schema> {
  const recipients: v.InferOutput<Schema>[] = []
  const unreadable: UnreadableRecipient[] = []
  for (const [i, item] of list.entries()) {
    const { success, output, issues } = v.safeParse(recipient, item, { abortEarly: true, abortPipeEarly: true })
    if (success) recipients.push(output)
    else unreadable.push({ field: `[${i}]${pathOf(issues[0])}`, problem: problemOf(issues[0]) })
  }
  return unreadable.length > 0 ? { recipients, unreadable } : { recipients }
}

const pathOf = ({ path }: v.BaseIssue<unknown>): string => (path ?? []).map(({ key }) => `.${String(key)}`).join('')

/** What is wrong with a field, without its value. */
export function problemOf(issue: v.BaseIssue<unknown>): string {
  if (issue.kind !== 'schema') return issue.message
  return issue.received === 'undefined' ? 'is missing' : `is not ${nounOf(issue.expected)}`
}

function nounOf(expected: string | null): string {
  if (expected === 'Array') return 'a list'
  return expected === 'string' ? 'a text' : 'an object'
}
