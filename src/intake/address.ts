/**
 * One spelling per mailbox: what is stored, compared and hashed is what `normaliseAddress` returns.
 *
 * Nodemailer's parser reads display names and quoted strings as RFC 5322 has them, but it is made for headers that
 * people type: it finds `er@example.com` in `us er@example.com`. Here the wrong mailbox is worse than a refusal, so its
 * answer only counts where it stands word for word in the text. See docs/decisions/0010-one-spelling-per-mailbox.md.
 */
import { domainToASCII } from 'node:url'
import addressparser from 'nodemailer/lib/addressparser'

/** Longest address that is kept: 64 for the local part, the at sign, 255 for the domain. */
const longestAddress = 320
/** Longest text that is read at all; a display name is part of it. */
const longestText = 2048

const plainAddress = /^[a-z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$/i
const plainDomain = /^[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$/i
const domainLiteral = /@\[[a-z0-9.:-]+\]$/i
const international = /[^\0-\x7f]/
const foreignToInternationalDomain = /[\0-,/:-@[-^`{-\x7f]/
const numericEnd = /(?:^|\.)\d+$/
const quotedString = /^"(?:[^"\\]|\\[\s\S])*"$/
const needsQuotes = /[\s"(),:;<>@[\]\\]/
const unprintable = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u

/** The text is no address of one mailbox. `reason` says why and never holds a part of the text. */
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
 * `"Doe, Jane" <Jane.Doe@EXAMPLE.com>` → `jane.doe@example.com`. Lower case throughout, an international domain in its
 * ASCII form, quotes around the local part only where it needs them. Normalising twice changes nothing.
 *
 * @throws AddressError
 */
export function normaliseAddress(text: string): string {
  if (text.length <= longestAddress && plainAddress.test(text)) return text.toLowerCase()
  const trimmed = text.trim()
  if (trimmed === '') throw new AddressError('is empty')
  if (!trimmed.includes('@')) throw new AddressError('has no @')
  if (trimmed.length > longestText) throw new AddressError('is too long')
  if (!trimmed.isWellFormed()) throw new AddressError('is not well-formed Unicode')
  const [local, domain] = partsOf(mailboxIn(trimmed))
  const address = `${normaliseLocal(local)}@${normaliseDomain(domain)}`
  if (address.length > longestAddress) throw new AddressError(`has more than ${longestAddress} characters`)
  return address
}

function mailboxIn(text: string): string {
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
  // Composed before and after: lowering the case can take a composed character apart.
  const lower = international.test(name) ? name.normalize('NFC').toLowerCase().normalize('NFC') : name.toLowerCase()
  return needsQuotes.test(lower) ? `"${lower.replace(/["\\]/g, '\\$&')}"` : lower
}

function normaliseDomain(written: string): string {
  if (written.startsWith('[')) return written.toLowerCase()
  const ascii = international.test(written) ? asciiDomain(written) : written
  if (!plainDomain.test(ascii)) throw new AddressError('has no valid domain behind the @')
  return ascii.toLowerCase()
}

/** `domainToASCII` reads a host as a browser does: it cuts at `/`, decodes `%41`, takes `１.２` for an IP number. */
function asciiDomain(written: string): string {
  const ascii = foreignToInternationalDomain.test(written) ? '' : domainToASCII(written)
  return numericEnd.test(ascii) ? '' : ascii
}
