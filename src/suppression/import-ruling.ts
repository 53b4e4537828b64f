/**
 * Rulings that an import makes: their name says where the list comes from, and their reason begins with the cause that the list gives.
 *
 *     2024-03-01T10:00:00.000Z import:sendgrid hard bounce: 550 5.1.1 unknown
 *     2024-03-01T10:00:00.000Z import:telnyx manual until 2027-01-01T00:00:00.000Z: test
 *
 * Pure.
 */

/** What a list says why it has an address. `unsubscribe`, `block` and what it says otherwise are rulings without a kind of their own. */
export const importCauses = ['hard bounce', 'complaint', 'unsubscribe', 'manual', 'soft bounce', 'block'] as const
export type ImportCause = (typeof importCauses)[number]

export type Imported = {
  /** The provider, in lower case: `sendgrid`. */
  readonly source: string
  readonly cause: ImportCause
  /** When the suppression ends by itself. */
  readonly until?: Date
  /** What else the list says. */
  readonly detail: string
}

const prefix = 'import:'

/** Characters of a detail that are kept. With the cause and an expiry, it fits into the reason of a ruling. */
const detailLength = 120

/** A detail as it is stored, in one line. The detail of a stored detail is the same. */
export const detailOf = (text: string): string =>
  text
    .replaceAll(/[\s\p{Cc}\p{Cf}]+/gu, ' ')
    .trim()
    .slice(0, detailLength)
    .toWellFormed()
    .trim()

/** The name and the reason of a ruling. */
export const importRulingTextsOf = ({ source, cause, until, detail }: Imported): { by: string; why: string } => ({
  by: `${prefix}${source}`,
  why: `${cause}${until ? ` until ${until.toISOString()}` : ''}${detail && `: ${detailOf(detail)}`}`,
})

export const isImportName = (by: string): boolean => by.startsWith(prefix)

const reasonText = new RegExp(
  `^(${importCauses.join('|')})(?: until (\\d{4}-\\d\\d-\\d\\dT[\\d:]{8}\\.\\d{3}Z))?(?:: (.*))?$`,
  's',
)

/** `undefined` if no import made the ruling. */
export function importedOf({ by, why }: { readonly by: string; readonly why: string }): Imported | undefined {
  if (!isImportName(by)) return undefined
  const source = by.slice(prefix.length)
  const [, written, expiry, detail = ''] = reasonText.exec(why) ?? []
  const cause = importCauses.find((one) => one === written)
  if (cause === undefined) return { source, cause: 'manual', detail: why }
  const until = expiry === undefined ? undefined : new Date(expiry)
  return { source, cause, detail, ...(until && !Number.isNaN(until.getTime()) && { until }) }
}

/** The reason of a suppression that an import made. A cause that is not one of Sesame's reasons is a manual suppression. */
export function importReasonOf(cause: ImportCause): 'complaint' | 'hard bounce' | 'manual' | 'soft bounces' {
  switch (cause) {
    case 'hard bounce':
    case 'complaint':
      return cause
    case 'soft bounce':
      return 'soft bounces'
    default:
      return 'manual'
  }
}
