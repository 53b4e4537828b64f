/**
 * An exported file → what each of its rows says: a suppression, a reinstatement, or why it is left out or rejected. Streams: of a file of any
 * length, some hundred rows are kept.
 */
import { AddressError, normaliseAddress } from '../intake/address.ts'
import type { ImportCause } from '../suppression/import-ruling.ts'
import { decodeText } from './decode-text.ts'
import { detectFormat } from './detect-format.ts'
import type { CellOf, Format, RowFacts } from './format.ts'
import type { ImportRecord } from './import-record.ts'
import { ImportDateError, readAnyDate, readImportDate } from './read-date.ts'
import { addressColumns, readRecords } from './read-records.ts'

export type ImportedRow = {
  readonly type: 'suppress' | 'reinstate'
  readonly address: string
  readonly cause: ImportCause
  /** When the provider suppressed the address; absent if it does not say. */
  readonly at?: Date
  readonly until?: Date
  readonly source: string
  readonly detail: string
}

/** `left out`: the row is understood and not imported. `rejected`: it is not understood. */
export type ImportOutcome = { readonly line: number; readonly raw: string } & (
  | ImportedRow
  | { readonly type: 'left out' | 'rejected'; readonly why: string }
)

export const optionalRows = ['soft-bounces', 'blocks', 'partial-unsubscribes'] as const

export type ImportOptions = {
  /** For errors, and to tell forms with the same columns apart. */
  readonly fileName: string
  readonly format?: string | undefined
  /** Rows that are left out by default. */
  readonly include: ReadonlySet<string>
  /** The offset from UTC of times that name no zone. */
  readonly offsetMinutes: number
  readonly now: Date
}

export type Import = { readonly format: Format; readonly outcomes: AsyncIterable<ImportOutcome> }

/**
 * Begins to read a file: detects its form.
 * @returns `undefined` for an empty file
 * @throws ImportFormatError
 */
export async function readImport(bytes: AsyncIterable<Buffer>, options: ImportOptions): Promise<Import | undefined> {
  const source = await readRecords(decodeText(bytes))
  if (!source) return undefined
  // An API answered with an empty list: any form fits.
  const names = source.names?.size === 0 ? new Set(['email']) : source.names
  const format = detectFormat({ ...source, ...(names && { names }) }, options.fileName, options.format)
  return { format, outcomes: outcomesOf(source.records, format, options) }
}

async function* outcomesOf(
  records: AsyncIterable<ImportRecord>,
  format: Format,
  options: ImportOptions,
): AsyncGenerator<ImportOutcome> {
  for await (const record of records) {
    const { line, raw } = record
    yield 'problem' in record
      ? { line, raw, type: 'rejected', why: record.problem }
      : { line, raw, ...outcomeOf(record.cells, format, options) }
  }
}

type Row = ImportedRow | { readonly type: 'left out' | 'rejected'; readonly why: string }

/** @param cells by name of the column */
export function outcomeOf(
  cells: ReadonlyMap<string, string>,
  format: Format,
  options: Omit<ImportOptions, 'fileName'>,
): Row {
  const cell: CellOf = (...names) => names.map((name) => cells.get(name)).find((text) => text) ?? ''
  try {
    const address = normaliseAddress(cell(...addressColumns, '0'))
    const facts = format.factsOf(cell)
    const written = cell(...format.dates)
    const at = written === '' ? undefined : readImportDate(written, options.offsetMinutes, options.now)
    const until = facts.until ? readAnyDate(facts.until, options.offsetMinutes) : undefined
    const why = whyLeftOut(facts, until, format, options)
    if (why !== undefined) return { type: 'left out', why }
    if (facts.isReinstatement && !at) return { type: 'rejected', why: 'a reinstatement must have a date' }
    return {
      type: facts.isReinstatement ? 'reinstate' : 'suppress',
      address,
      cause: facts.cause,
      ...(at && { at }),
      ...(until && { until }),
      source: facts.source ?? format.source,
      detail: facts.detail,
    }
  } catch (error) {
    if (error instanceof AddressError) return { type: 'rejected', why: `the address ${error.reason}` }
    if (error instanceof ImportDateError) return { type: 'rejected', why: `the date ${error.why}` }
    throw error
  }
}

function whyLeftOut(
  { leftOut, partial, cause }: RowFacts,
  until: Date | undefined,
  { id }: Format,
  { include, now }: Pick<ImportOptions, 'include' | 'now'>,
): string | undefined {
  if (leftOut !== undefined) return leftOut
  if (until && until <= now) return 'the suppression has expired'
  const unless = (option: string) => `; --include ${option} imports it`
  if (partial && !include.has('partial-unsubscribes'))
    return `a suppression for a part of the mail only${unless('partial-unsubscribes')}`
  // The list that an export of Sesame came from has decided already.
  if (id === 'sesame') return undefined
  if (cause === 'soft bounce' && !include.has('soft-bounces'))
    return `a soft bounce, which is temporary${unless('soft-bounces')}`
  if (cause === 'block' && !include.has('blocks')) return `a block, which is about the sender${unless('blocks')}`
  return undefined
}
