/** Requests and answers of the routes about the suppression list. */
import * as v from 'valibot'
import { importCauses } from '../../suppression/import-ruling.ts'

const text = (least: number, most: number) =>
  v.pipe(
    v.string(),
    v.minLength(least, `must have at least ${least} characters`),
    v.maxLength(most, `must have ${most} characters at most`),
  )

const Time = v.pipe(v.string(), v.isoTimestamp('must be a time of RFC 3339'))

const Reason = v.picklist(['complaint', 'hard bounce', 'manual', 'soft bounces'])

const Address = v.pipe(
  text(1, 2_048),
  v.description('An address, with or without a display name'),
  v.examples(['a@example.com']),
)

/** Why somebody rules, in words. It is stored with the ruling. */
const Why = v.pipe(
  text(1, 200),
  v.description('The reason of the ruling, which is stored with it'),
  v.examples(['asked for it by phone']),
)

const addresses = (most: number) =>
  v.pipe(
    v.array(Address),
    v.minLength(1, 'must have at least one address'),
    v.maxLength(most, `must have ${most} addresses at most`),
  )

export const CheckRequest = v.strictObject({ addresses: addresses(1_000) })

export const CheckOutcome = v.strictObject({
  address: v.pipe(v.string(), v.description('As it was sent')),
  state: v.picklist(['allowed', 'refused']),
  reason: v.optional(
    v.picklist([
      ...Reason.options,
      'erased',
      'not an address',
      'list unreadable',
      'project paused',
      'project quarantined',
      'project held',
    ]),
  ),
  since: v.optional(Time),
  until: v.optional(v.pipe(Time, v.description('When the refusal ends by itself'))),
  detail: v.optional(v.string()),
})

export const CheckAnswer = v.strictObject({
  outcomes: v.pipe(v.array(CheckOutcome), v.description('One for each address, in the same order')),
})

export const ListQuery = v.strictObject({
  limit: v.optional(
    v.pipe(
      v.string(),
      v.regex(/^([1-9]\d?|100)$/, 'must be a number from 1 to 100'),
      v.description('Entries of a page; 50 if absent'),
    ),
  ),
  cursor: v.optional(v.pipe(text(1, 1_000), v.description('`next` of the page before'))),
  reason: v.optional(v.pipe(Reason, v.description('Only addresses that are suppressed for this reason'))),
  since: v.optional(v.pipe(Time, v.description('Only addresses that are suppressed since this time or later'))),
  state: v.optional(v.pipe(v.picklist(['suppressed', 'clear', 'all']), v.description('`suppressed` if absent'))),
})

const Entry = v.strictObject({
  address: v.string(),
  state: v.picklist(['suppressed', 'clear']),
  reason: v.optional(Reason),
  since: v.optional(Time),
  until: v.optional(Time),
})

export const ListAnswer = v.strictObject({
  entries: v.array(Entry),
  next: v.optional(v.pipe(v.string(), v.description('The cursor of the next page; absent on the last one'))),
})

export const LookupRequest = v.strictObject({ address: Address })

export const LookupAnswer = v.strictObject({
  ...Entry.entries,
  reason: v.optional(
    v.pipe(
      v.picklist([...Reason.options, 'erased']),
      v.description('`erased`: only a hash of the address is kept, which refuses mail'),
    ),
  ),
  uncertain: v.optional(
    v.pipe(v.boolean(), v.description('Whether the only evidence is complaints that name several recipients')),
  ),
  evidence: v.array(
    v.strictObject({
      kind: v.string(),
      at: Time,
      cause: v.string(),
      status: v.optional(v.string()),
      diagnostic: v.optional(v.string()),
    }),
  ),
  history: v.pipe(
    v.array(
      v.strictObject({ decision: v.picklist(['suppress', 'reinstate']), at: Time, by: v.string(), why: v.string() }),
    ),
    v.description('Rulings, oldest first'),
  ),
})

export const RulingRequest = v.strictObject({ addresses: addresses(100), why: Why })

const RulingOutcome = v.strictObject({
  address: v.pipe(v.string(), v.description('As it was sent')),
  outcome: v.picklist([
    'recorded',
    'ignored: a newer ruling stands',
    'refused: not an address',
    'refused: not a date of a suppression',
  ]),
})

export const RulingAnswer = v.strictObject({ outcomes: v.array(RulingOutcome) })

export const ImportRequest = v.strictObject({
  source: v.pipe(text(1, 64), v.description('Where the rows come from'), v.examples(['SendGrid bounces'])),
  rows: v.pipe(
    v.array(
      v.strictObject({
        address: Address,
        why: v.optional(Why),
        cause: v.optional(
          v.pipe(
            v.picklist(importCauses),
            v.description(
              'What the other system says; `manual` if only `at` or `until` is given. With any of the three, the row is a ruling of the import with the reason and the date of the row, and the address has no event of its own',
            ),
          ),
        ),
        at: v.optional(
          v.pipe(
            Time,
            v.description(
              'Since when, from 2000 on and not in the future. A row with `cause` and without it never overrules a ruling',
            ),
          ),
        ),
        until: v.optional(v.pipe(Time, v.description('When the suppression ends by itself'))),
      }),
    ),
    v.minLength(1, 'must have at least one row'),
    v.maxLength(1_000, 'must have 1000 rows at most'),
  ),
})
