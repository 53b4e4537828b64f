/**
 * The stored form of rulings: one text each, which sorts by time.
 *
 *     manual    2026-03-01T10:00:00.000Z alice asked for it by phone
 *     rulings   a set: 2026-03-01T10:00:00.000Z suppress alice asked for it by phone
 */
import { isImportName } from './import-ruling.ts'
import type { Ruling } from './judge.ts'

/** A ruling of the history, with what it decided. */
export type PastRuling = Ruling & { readonly decision: 'suppress' | 'reinstate' }

/** A name is one word, so that the reason begins after it. */
const nameOf = ({ by }: Ruling) => by.replaceAll(/\s+/g, '_').slice(0, 64)
const reasonOf = ({ why }: Ruling) => why.replaceAll(/\s+/g, ' ').slice(0, 200)

export const rulingTextOf = (ruling: Ruling): string =>
  `${ruling.at.toISOString()} ${nameOf(ruling)} ${reasonOf(ruling)}`

export const historyTextOf = (decision: PastRuling['decision'], ruling: Ruling): string =>
  `${ruling.at.toISOString()} ${decision} ${nameOf(ruling)} ${reasonOf(ruling)}`

/** `undefined` if the text is not a ruling. */
export function readRuling(text: string | undefined): Ruling | undefined {
  const [time = '', by, ...why] = text?.split(' ') ?? []
  const at = new Date(time)
  return by && !Number.isNaN(at.getTime()) ? { at, by, why: why.join(' ') } : undefined
}

/** The rulings of a stored history, oldest first. A text that is not a ruling is left out. */
export const readHistory = (texts: readonly string[]): PastRuling[] =>
  texts.toSorted().flatMap((text) => {
    const [, time = '', decision, rest = ''] = /^(\S+) (suppress|reinstate) (.*)$/s.exec(text) ?? []
    const ruling = readRuling(`${time} ${rest}`)
    return ruling && decision ? [{ ...ruling, decision: decision === 'suppress' ? 'suppress' : 'reinstate' }] : []
  })

/** Names under which Sesame itself rules. A person who used one would be taken for it. */
const reservedNames = ['account-list', 'import', 'sesame']

export const isReservedName = (name: string): boolean =>
  reservedNames.includes(name.trim().toLowerCase()) || isImportName(name.trim().toLowerCase())
