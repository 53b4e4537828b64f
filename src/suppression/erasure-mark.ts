/**
 * What stays of an address that was erased: a keyed hash, from which nobody can read the address. Pure.
 *
 *     project  address     holds
 *     acme     hash#2Yk…   erasedAt, accountList (remove, keep)
 *     acme     gone#2Yk…   erasedAt, accountList (remove), expiresAt
 *
 * `hash#` lasts: the guard refuses mail to the address that has it. `gone#` refuses nothing and expires after some weeks. Until then it tells the
 * reconcile that an entry of the account list is not news.
 *
 * The key is that of the deployment, which only functions have. The project is part of what is hashed, so that the hashes of two projects do not
 * tell that they are about the same person. docs/erasure.md#what-the-hash-is
 */
import { createHmac } from 'node:crypto'

/** What happens to the entry of the address on the customer's account list. */
export const accountListChoices = ['remove', 'keep'] as const
export type AccountListChoice = (typeof accountListChoices)[number]

export type ErasureMark = {
  readonly erasedAt: Date
  /** Whether mail to the address is refused. */
  readonly blocks: boolean
  readonly accountList: AccountListChoice
}

/** Begins the sort key of a hash that refuses mail. */
export const blockingPrefix = 'hash#'

/** Days for which a hash that refuses nothing is kept: several weekly reconciles see it. */
export const goneDays = 30

/** Address → the sort keys of its hashes: the one that refuses mail, and the one that does not. */
export type MarkKeys = (project: string, address: string) => { readonly blocking: string; readonly gone: string }

/** @param key the key of the deployment */
export const createMarkKeys =
  (key: string): MarkKeys =>
  (project, address) => {
    const hash = createHmac('sha256', key)
      .update(JSON.stringify(['erased', project, address]))
      .digest('base64url')
    return { blocking: `${blockingPrefix}${hash}`, gone: `gone#${hash}` }
  }

/** Whether the item with this sort key is a hash. An address has an `@`. */
export const isMarkKey = (key: string): boolean => /^(?:hash|gone)#[\w-]{43}$/.test(key)

/** The texts of an item by attribute. */
type Texts = { readonly address: string; readonly erasedAt?: string; readonly accountList?: string }

/** `undefined` if the item is no hash. */
export function readMark({ address, erasedAt = '', accountList }: Texts): ErasureMark | undefined {
  const time = new Date(erasedAt)
  if (!isMarkKey(address) || Number.isNaN(time.getTime())) return undefined
  const blocks = address.startsWith(blockingPrefix)
  return { erasedAt: time, blocks, accountList: accountList === 'keep' ? 'keep' : 'remove' }
}

/** Whether the hash refuses mail. Somebody who was reinstated later has asked for mail again. */
export const isBlockedBy = (mark: ErasureMark | undefined, reinstatedAt: Date | undefined): mark is ErasureMark =>
  mark?.blocks === true && !(reinstatedAt && reinstatedAt >= mark.erasedAt)
