/** One row of an import: a ruling with the date and the cause that another system gives. */
import { isFuture } from '../../suppression/future.ts'
import { type ImportCause, importRulingTextsOf } from '../../suppression/import-ruling.ts'
import type { createRulings, RulingOutcome } from '../../suppression/rule-by-hand.ts'

export type ImportedRow = {
  readonly texts: { readonly by: string; readonly why: string }
  /** Since when; absent if the other system does not say. */
  readonly at?: Date
}

type Given = {
  readonly source: string
  readonly cause: ImportCause
  readonly why: string
  readonly at: string | undefined
  readonly until: string | undefined
}

/** A name of one word: `SendGrid bounces` → `sendgrid-bounces`. */
const nameOf = (source: string): string =>
  source
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '')
    .slice(0, 32) || 'api'

export const importedRowOf = ({ source, cause, why, at, until }: Given): ImportedRow => ({
  texts: importRulingTextsOf({ source: nameOf(source), cause, detail: why, ...(until && { until: new Date(until) }) }),
  ...(at && { at: new Date(at) }),
})

/** An earlier date is a mistake: no other system existed. */
const earliest = new Date('2000-01-01T00:00:00Z')

/** Idempotent, because a ruling is. A row without a date never overrules a ruling: nobody knows which of the two is newer. */
export async function ruleOnImported(
  rulings: Pick<ReturnType<typeof createRulings>, 'suppress' | 'suppressUndated'>,
  project: string,
  address: string,
  { texts, at }: ImportedRow,
  now: Date,
): Promise<RulingOutcome | 'refused: not a date of a suppression'> {
  if (at === undefined) return rulings.suppressUndated(project, address, { at: now, ...texts })
  if (at < earliest || isFuture(at, now)) return 'refused: not a date of a suppression'
  return rulings.suppress(project, address, { at, ...texts })
}
