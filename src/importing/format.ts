/** What is known about one form in which a provider exports its suppressions. */
import type { ImportCause } from '../suppression/import-ruling.ts'

/** The first cell with text of the columns with these names; an empty text if there is none. */
export type CellOf = (...names: readonly string[]) => string

/** What a row says, apart from its address and date. */
export type RowFacts = {
  readonly cause: ImportCause
  readonly detail: string
  /** The text of an expiry. */
  readonly until?: string
  /** The suppression holds for a part of the mail only, such as one list. Such rows are left out by default. */
  readonly partial?: boolean
  /** The row reinstates the address. Only exports of Sesame have such rows. */
  readonly isReinstatement?: boolean
  /** Where the row came from first. Only exports of Sesame say so. */
  readonly source?: string
  /** Why the row says nothing that can be imported. */
  readonly leftOut?: string
}

export type Format = {
  /** The value of `--format`. */
  readonly id: string
  /** For people: `SendGrid bounces`. */
  readonly title: string
  /** The name under which the import rules: `sendgrid`. */
  readonly source: string
  /** The columns that a file of this form has. */
  readonly has: readonly string[]
  /** The columns that it has not. */
  readonly hasNot?: readonly string[]
  /** The words of a file's name that tell this form from another with the same columns. */
  readonly fileName?: RegExp
  readonly dates: readonly string[]
  readonly factsOf: (cell: CellOf) => RowFacts
}

/** A word of a provider without case and punctuation: `Hard-Bounce` is `hardbounce`. */
export const wordOf = (text: string): string => text.toLowerCase().replaceAll(/[^a-z0-9*]/g, '')

/**
 * @param causes word of the provider → cause. Every other word is a manual suppression, never a hard bounce: an address must not get a reason
 * that nobody gave
 */
export const causeOf = (causes: Readonly<Record<string, ImportCause>>, text: string): ImportCause => {
  const word = wordOf(text)
  return Object.hasOwn(causes, word) ? (causes[word] ?? 'manual') : 'manual'
}

export const joined = (...parts: readonly string[]): string => parts.filter((part) => part !== '').join(' ')
