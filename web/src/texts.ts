/** Numbers and times as the page shows them. */

import { countText, rateText } from '../../src/charts/numbers.ts'
import type { Rate, Standing } from '../../src/dashboard/answers.ts'

const steps: readonly (readonly [limit: number, divisor: number, unit: string])[] = [
  [60, 1, 's'],
  [3_600, 60, 'min'],
  [86_400, 3_600, 'h'],
  [Number.POSITIVE_INFINITY, 86_400, 'd'],
]

/** `3 min ago`; of the future, `in 3 min` */
export function agoText(at: string, now: number): string {
  const seconds = Math.round((now - Date.parse(at)) / 1_000)
  const distance = Math.abs(seconds)
  const [, divisor = 1, unit = 's'] = steps.find(([limit]) => distance < limit) ?? []
  const text = `${Math.floor(distance / divisor)} ${unit}`
  if (distance < 2) return 'now'
  return seconds < 0 ? `in ${text}` : `${text} ago`
}

/** `2026-03-01 10:00:00 UTC` */
export const exactText = (at: string): string => `${at.slice(0, 19).replace('T', ' ')} UTC`

/** A percentage, or why there is none. */
export const rateOrWhy = ({ rate, recipients }: Rate, digits = 2): string =>
  rate === undefined ? (recipients === 0 ? '–' : 'too few to judge') : rateText(rate, digits)

export const listCount = ({ count, atLeast }: { count: number; atLeast: boolean }): string =>
  `${countText(count)}${atLeast ? ' or more' : ''}`

/** The word beside the sign of a standing. */
export const standingWords: Readonly<Record<Standing, string>> = {
  good: 'good',
  warning: 'needs a look',
  critical: 'needs action',
  unknown: 'too few to judge',
}
