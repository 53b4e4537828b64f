/** Which export a file is, by the names of its columns. A list of addresses that may be mailed is refused. Pure. */
import type { Format } from './format.ts'
import { formatIds, formats } from './formats.ts'
import { addressColumns, type RecordSource } from './read-records.ts'

/** A file cannot be imported. The message says why and what to do, and quotes nothing of the content. */
class ImportFormatError extends Error {
  override readonly name = 'ImportFormatError'
  readonly retryable = false
  readonly file: string

  constructor(file: string, why: string) {
    super(`${file} ${why}`)
    this.file = file
  }
}

const allowListName = /allow-?_?list|white-?_?list|safe-?_?senders/i

/**
 * @param fileName tells forms with the same columns apart
 * @param wanted the value of `--format`
 * @throws ImportFormatError
 */
export function detectFormat(
  { names, firstRow }: Pick<RecordSource, 'names' | 'firstRow'>,
  fileName: string,
  wanted?: string,
): Format {
  refuseAllowed(names, fileName)
  const columns = names ?? new Set(firstRow.map((_, i) => String(i)))
  if (wanted !== undefined) return formatNamed(columns, fileName, wanted)
  if (names === undefined) return formatWithoutNames(firstRow, fileName)
  const isBare = names.size === 1 && addressColumns.some((name) => names.has(name))
  if (isBare) return formatNamed(columns, fileName, 'plain')
  const [first, ...others] = formats.filter((format) => format.has.length > 0 && fits(format, columns))
  if (!first)
    throw new ImportFormatError(
      fileName,
      `has columns of no known export. Name the form with --format, or use --format plain to import its addresses alone. Known are: ${formatIds.join(', ')}`,
    )
  const twins = [first, ...others.filter(({ has }) => isSame(has, first.has))]
  if (twins.length === 1) return first
  const named = twins.filter((twin) => twin.fileName?.test(fileName))
  if (named.length === 1 && named[0]) return named[0]
  throw new ImportFormatError(
    fileName,
    `may be ${twins.map(({ title }) => title).join(' or ')}: both have the same columns. Say which with --format ${twins.map(({ id }) => id).join(' or --format ')}`,
  )
}

/** Members who may be mailed, and domains and addresses that a provider never suppresses. */
function refuseAllowed(names: ReadonlySet<string> | undefined, fileName: string): void {
  const has = (...wanted: readonly string[]) => wanted.every((name) => names?.has(name))
  const isAllowList =
    allowListName.test(fileName) || has('addressordomain') || has('value', 'type', 'reason', 'createdat')
  if (isAllowList)
    throw new ImportFormatError(fileName, 'is a list of addresses that may be mailed. Nothing of it is imported')
  if (has('emailaddress', 'leid', 'euid') && !has('cleantime') && !has('unsubtime'))
    throw new ImportFormatError(
      fileName,
      'is a list of subscribed contacts. Export the cleaned and the unsubscribed contacts',
    )
}

function formatNamed(columns: ReadonlySet<string>, fileName: string, wanted: string): Format {
  const candidates = formats.filter(({ id }) => id === wanted)
  const found = candidates.find((format) => fits(format, columns))
  if (found) return found
  const needed = candidates[0]?.has.join(', ')
  throw new ImportFormatError(
    fileName,
    needed === undefined
      ? `cannot be read as ${wanted}. Known are: ${formatIds.join(', ')}`
      : `has not the columns of ${wanted}: ${needed}`,
  )
}

function formatWithoutNames(firstRow: readonly string[], fileName: string): Format {
  const [address = '', reason = ''] = firstRow
  if (!address.includes('@') && firstRow.length > 1)
    throw new ImportFormatError(
      fileName,
      'has no header with a column of addresses. Export it again with the names of its columns',
    )
  if (firstRow.length === 1) return formatNamed(new Set(['0']), fileName, 'plain')
  if (/^(bounce|complaint)$/i.test(reason)) return formatNamed(new Set(['0', '1']), fileName, 'ses-import-job')
  if (/^\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)$/.test(reason))
    return formatNamed(new Set(['0', '1']), fileName, 'cloudflare')
  throw new ImportFormatError(
    fileName,
    'has no header, and more than a column of addresses. Add a header, or import the first column with --format plain',
  )
}

const fits = ({ has, hasNot = [] }: Format, columns: ReadonlySet<string>): boolean =>
  has.every((name) => columns.has(name)) && !hasNot.some((name) => columns.has(name))

const isSame = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((name) => b.includes(name))
