/**
 * Text of a list with an address a line → its records. People write such lists by hand or copy them from a mail program, so a line may have a
 * display name with a comma, angle brackets, a quote or a comma at its end.
 */
import { AddressError, normaliseAddress } from '../intake/address.ts'
import type { ImportRecord } from './import-record.ts'

/**
 * Without the apostrophe that keeps a spreadsheet from taking a cell for a formula. src/cli/output.ts adds one to exactly the cells that lose one
 * here.
 */
export const withoutApostrophe = (cell: string): string =>
  /^''*(\s*[=+\-@]|[\t\r\n])/.test(cell) ? cell.slice(1) : cell

/** Lines that are no address on purpose. */
const comment = /^\s*(?:#|\/\/)(?!\S*@)/

/** Whether a line is one address as a whole, so that its file is no table. */
export const isAddressLine = (line: string): boolean => isOneAddress(cleaned(line)) || bracketed(line) !== undefined

/** Every line with text, as the cell `0`. Comments are skipped. */
export async function* plainRecords(
  lines: AsyncIterable<{ line: number; text: string }>,
): AsyncGenerator<ImportRecord> {
  for await (const { line, text: raw } of lines) {
    if (raw.trim() === '' || comment.test(raw)) continue
    yield { line, raw, cells: new Map([['0', addressTextIn(withoutApostrophe(raw.trim()))]]) }
  }
}

/** The part of a line that is an address; the whole line if there is none. */
function addressTextIn(line: string): string {
  const candidates = [cleaned(line), bracketed(line), firstCell(line), unquoted(line)]
  return candidates.find((text) => text !== undefined && isOneAddress(text)) ?? line.trim()
}

/** Without what mail programs and spreadsheets put around an address. */
const cleaned = (line: string): string =>
  line
    .trim()
    .replace(/[\s,;]+$/, '')
    .replace(/^mailto:/i, '')

/** `Doe, Jane <jane@example.com>` → `jane@example.com`; `undefined` if the line does not end so. */
function bracketed(line: string): string | undefined {
  const [, address] = /^[^<>]*<([^<>\s]+@[^<>\s]+)>$/.exec(cleaned(line)) ?? []
  return address !== undefined && isOneAddress(address) ? address : undefined
}

const firstCell = (line: string): string | undefined => /^([^,;\t"]+)[,;\t]/.exec(line)?.[1]?.trim()

/** `"jane@example.com"` → `jane@example.com`: a cell of a spreadsheet. */
const unquoted = (line: string): string | undefined => /^(["'])(.*)\1/.exec(cleaned(line))?.[2]?.replaceAll('""', '"')

function isOneAddress(text: string): boolean {
  try {
    return normaliseAddress(text) !== ''
  } catch (error) {
    if (error instanceof AddressError) return false
    throw error
  }
}
