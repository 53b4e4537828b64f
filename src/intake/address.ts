/**
 * Normalises e-mail addresses: one spelling per mailbox, which is the one that is stored, compared and hashed.
 *
 * Nodemailer's parser reads display names and quoted strings as RFC 5322 defines them. But it is made for headers that people type: it finds
 * `er@example.com` in `us er@example.com`. A rejected address is better than the wrong mailbox, so the parser's answer counts only if the text
 * contains it literally. See docs/design/intake.md#why-one-spelling-per-mailbox.
 */
import { domainToASCII } from 'node:url'
import addressparser from 'nodemailer/lib/addressparser'

/** Characters of the longest address: 64 for the local part, the @, 255 for the domain. */
const maxAddressLength = 320
/** Characters of the longest text that is parsed, display name included. */
const maxTextLength = 2048

const plainAddress = /^[a-z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$/i
const plainDomain = /^[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$/i
const domainLiteral = /@\[[a-z0-9.:-]+\]$/i
const international = /[^\0-\x7f]/
const foreignToInternationalDomain = /[\0-,/:-@[-^`{-\x7f]/
const numericEnd = /(?:^|\.)\d+$/
const quotedString = /^"(?:[^"\\]|\\[\s\S])*"$/
const needsQuotes = /[\s"(),:;<>@[\]\\]/
const unprintable = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u

/** The text is not the address of one mailbox. `reason` says why and never contains a part of the text. */
export class AddressError extends Error {
  override readonly name = 'AddressError'
  readonly retryable = false
  readonly reason: string

  constructor(reason: string) {
    super(`Not an e-mail address: it ${reason}`)
    this.reason = reason
  }
}

/**
 * `"Doe, Jane" <Jane.Doe@EXAMPLE.com>` → `jane.doe@example.com`. The result is in lower case; an international domain is in its ASCII form; the
 * local part has quotes only if it needs them. Idempotent.
 *
 * @throws AddressError
 */
export function normaliseAddress(text: string): string {
  if (text.length <= maxAddressLength && plainAddress.test(text)) return text.toLowerCase()
  const trimmed = text.trim()
  if (trimmed === '') throw new AddressError('is empty')
  if (!trimmed.includes('@')) throw new AddressError('has no @')
  if (trimmed.length > maxTextLength) throw new AddressError('is too long')
  if (!trimmed.isWellFormed()) throw new AddressError('is not well-formed Unicode')
  const [local, domain] = partsOf(readMailbox(trimmed))
  const address = `${normaliseLocal(local)}@${normaliseDomain(domain)}`
  if (address.length > maxAddressLength) throw new AddressError(`has more than ${maxAddressLength} characters`)
  return address
}

function readMailbox(text: string): string {
  const bracketed = text.endsWith('>') ? text : `<${text}>`
  const [mailbox, ...others] = addressparser(bracketed)
  if (mailbox?.address === undefined || others.length > 0) throw new AddressError('does not name exactly one mailbox')
  if (!bracketed.endsWith(`<${mailbox.address}>`)) throw new AddressError('cannot be read in one way only')
  return mailbox.address
}

function partsOf(address: string): [local: string, domain: string] {
  const at = address.endsWith(']') ? address.search(domainLiteral) : address.lastIndexOf('@')
  if (at < 0) throw new AddressError('has no @')
  return [address.slice(0, at), address.slice(at + 1)]
}

function normaliseLocal(written: string): string {
  const quoted = quotedString.test(written)
  const name = quoted ? written.slice(1, -1).replace(/\\([\s\S])/g, '$1') : written
  if (name === '') throw new AddressError('has nothing before the @')
  if (unprintable.test(name)) throw new AddressError('has an unprintable character before the @')
  if (!quoted && needsQuotes.test(name)) throw new AddressError('has a character before the @ that needs quotes')
  // Normalised before and after, because lower case can decompose a composed character.
  const lower = international.test(name) ? name.normalize('NFC').toLowerCase().normalize('NFC') : name.toLowerCase()
  return needsQuotes.test(lower) ? `"${lower.replace(/["\\]/g, '\\$&')}"` : lower
}

/** A dot at the end makes a domain absolute: `example.com.` is `example.com`. */
function normaliseDomain(absolute: string): string {
  if (absolute.startsWith('[')) return absolute.toLowerCase()
  const written = absolute.replace(/\.$/, '')
  const ascii = international.test(written) ? asciiDomainOf(written) : written
  if (!plainDomain.test(ascii)) throw new AddressError('has no valid domain behind the @')
  return ascii.toLowerCase()
}

/** `domainToASCII` parses a host like a browser: it cuts at `/`, decodes `%41` and reads `１.２` as an IP address. These are rejected. */
function asciiDomainOf(written: string): string {
  const ascii = foreignToInternationalDomain.test(written) ? '' : domainToASCII(written)
  return numericEnd.test(ascii) ? '' : ascii
}
