/** What a function was invoked for, in a few words: the SES event, or what else it was. */
import { readEvent } from '../../src/intake/read-event.ts'
import { recordsOf } from '../../src/intake/records-of.ts'
import type { Attempt } from '../lambda/function.ts'

export type EventLabel = { readonly event: string; readonly addresses: string }

/** Labels an invocation: `Bounce Permanent/General` with its addresses, `3 table changes`, `Connection Restored`. */
export function labelOf(event: unknown): EventLabel {
  const records = listIn(event, 'Records')
  const [first] = records
  if (textIn(first, 'eventSource') === 'aws:dynamodb')
    return { event: counted(records.length, 'table change'), addresses: '' }
  const label = sesLabel(recordOf(event)) ?? sesLabel(first)
  if (label) return label
  const detailType = textIn(event, 'detail-type')
  if (detailType !== undefined) return { event: detailType, addresses: '' }
  const request = textIn(event, 'do')
  if (request !== undefined) return { event: request, addresses: '' }
  return { event: records.length > 0 ? counted(records.length, 'message') : 'call', addresses: '' }
}

/** The label of a payload that may be no SES event at all. */
export const sampleLabelOf = (payload: unknown): EventLabel =>
  sesLabel(recordOf(payload)) ?? { event: 'no SES event', addresses: '' }

/** How the invocation ended: the outcomes of its records, or why it failed. */
export function outcomeOf({ finished }: Attempt): string {
  if (finished.failure) return `failed: ${finished.failure.errorMessage}`
  const outcomes = listIn(finished.payload, 'outcomes').flatMap((one) => textIn(one, 'outcome') ?? [])
  return outcomes.length > 0 ? outcomes.join(', ') : 'done'
}

function recordOf(event: unknown): unknown {
  try {
    return recordsOf(event)[0]
  } catch {
    return undefined
  }
}

function sesLabel(record: unknown): EventLabel | undefined {
  try {
    const event = readEvent(record)
    if (event.type === 'Bounce') {
      const { type, subType, recipients } = event.bounce
      return { event: `Bounce ${type}/${subType}`, addresses: addressesOf(recipients) }
    }
    if (event.type === 'Complaint') {
      const { feedbackType = '', recipients } = event.complaint
      return { event: `Complaint ${feedbackType}`.trim(), addresses: addressesOf(recipients) }
    }
    return { event: event.type, addresses: '' }
  } catch {
    return undefined
  }
}

const addressesOf = (recipients: readonly { readonly address: string }[]) =>
  recipients.map(({ address }) => address).join(', ')

const counted = (count: number, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`

const memberOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? new Map<string, unknown>(Object.entries(value)).get(name)
    : undefined

function textIn(value: unknown, name: string): string | undefined {
  const found = memberOf(value, name)
  return typeof found === 'string' ? found : undefined
}

function listIn(value: unknown, name: string): readonly unknown[] {
  const found = memberOf(value, name)
  return Array.isArray(found) ? found : []
}
