/**
 * Parses addresses and display names for the condition keys of SES.
 *
 * This is not a full mail parser. It accepts `a@b` and `Name <a@b>` and refuses ambiguous text, because the gate would otherwise check another
 * address than the one that SES uses.
 */
import { MalformedInputError } from './entry.ts'

export type Mailbox = { address: string; displayName?: string }

const address = /^[^\s<>@",;:\\()[\]]+@[^\s<>@",;:\\()[\]]+$/

/** @throws MalformedInputError if the text is not exactly one address */
export function mailboxOf(text: string, field: string): Mailbox {
  const bare = text.trim()
  if (address.test(bare)) return { address: bare }
  const named = /^([^<>]*)<([^<>]*)>$/.exec(bare)
  const inner = named?.[2]?.trim() ?? ''
  if (named === null || !address.test(inner)) throw new MalformedInputError(field, 'is not one address')
  const displayName = (named[1] ?? '').trim().replace(/^"(.*)"$/, '$1')
  return displayName === '' ? { address: inner } : { address: inner, displayName }
}

/** The values of a header of a raw message, unfolded, one string per occurrence. */
export function headersOf(raw: Uint8Array, name: string): string[] {
  const head = new TextDecoder().decode(raw.subarray(0, 65_536)).split(/\r?\n\r?\n/, 1)[0] ?? ''
  const lines = head.replace(/\r?\n[ \t]+/g, ' ').split(/\r?\n/)
  const start = `${name.toLowerCase()}:`
  return lines.filter((line) => line.toLowerCase().startsWith(start)).map((line) => line.slice(start.length).trim())
}

/** Splits an address list at the commas outside quotes. */
export function mailboxesOf(list: string, field: string): Mailbox[] {
  const parts = list.match(/(?:"[^"]*"|[^",])+/g) ?? []
  return parts.filter((part) => part.trim() !== '').map((part) => mailboxOf(part, field))
}
