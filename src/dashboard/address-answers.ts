/** What the server answers about one address, one message, and to a search. Part of the page: src/dashboard/answers.ts. */
import * as v from 'valibot'
import { Standing, Time } from './answers.ts'

const Entry = v.object({
  at: Time,
  kind: v.picklist(['evidence', 'ruling']),
  /** What happened, in words. */
  text: v.string(),
  /** What SES or the receiver said, as a code. */
  code: v.optional(v.string()),
  counts: v.boolean(),
  by: v.optional(v.string()),
  why: v.optional(v.string()),
})

export const AddressAnswer = v.object({
  project: v.string(),
  ref: v.string(),
  masked: v.string(),
  state: v.picklist(['clear', 'suppressed']),
  sentence: v.string(),
  reason: v.optional(v.string()),
  since: v.optional(Time),
  until: v.optional(Time),
  uncertain: v.boolean(),
  entries: v.array(Entry),
  /** What each ruling will do, here and in the account of the customer. */
  effects: v.object({ suppress: v.string(), reinstate: v.string() }),
})
export type AddressAnswer = v.InferOutput<typeof AddressAnswer>

export const RevealAnswer = v.object({ address: v.string() })
export const RulingAnswer = v.object({ outcome: v.string() })

export const MessageAnswer = v.object({
  project: v.string(),
  messageId: v.string(),
  sentence: v.string(),
  standing: Standing,
  word: v.string(),
  entries: v.array(
    v.object({
      at: Time,
      type: v.string(),
      text: v.string(),
      standing: Standing,
      recipient: v.optional(
        v.object({ ref: v.string(), masked: v.string(), now: v.picklist(['clear', 'suppressed']) }),
      ),
      code: v.optional(v.string()),
    }),
  ),
})
export type MessageAnswer = v.InferOutput<typeof MessageAnswer>

export const SearchAnswer = v.object({
  found: v.array(
    v.object({
      kind: v.picklist(['project', 'address', 'message']),
      title: v.string(),
      text: v.string(),
      to: v.string(),
    }),
  ),
  none: v.string(),
})
export type SearchAnswer = v.InferOutput<typeof SearchAnswer>
