/**
 * Representatives of the classes into which conditions divide numbers, times and addresses: each limit, a value between each two
 * neighbours, and one beyond each end.
 */
import { addressOf, boundsOf } from '../addresses.ts'
import { numberOf, timeMsOf } from '../operators.ts'

const inOrder = (values: readonly number[]) => [...new Set(values)].sort((one, other) => one - other)

/** The limits, and a value in each gap. Between two neighbouring floating point numbers there is none. */
function pointsOf(limits: readonly number[], step: number): number[] {
  const sorted = inOrder(limits)
  const [first, last] = [sorted[0] ?? 0, sorted.at(-1) ?? 0]
  const between = sorted.flatMap((low, index) => {
    const high = sorted[index + 1]
    if (high === undefined) return []
    const middle = high - low > 2 * step ? low + step : (low + high) / 2
    return middle > low && middle < high ? [middle] : []
  })
  return inOrder([first - step, ...sorted, ...between, last + step])
}

/** Numbers as IAM reads them: without an exponent. */
export function numbersFor(expected: readonly string[]): string[] {
  const limits = expected.flatMap((text) => numberOf(text) ?? [])
  return pointsOf(limits, 1).map((value) => plain(value))
}

/** Times in ISO 8601; in seconds since 1970 if they are not a whole millisecond of a year of four digits. */
export function timesFor(expected: readonly string[]): string[] {
  const limits = expected.flatMap((text) => timeMsOf(text) ?? [])
  return pointsOf(limits.length === 0 ? [Date.UTC(2026, 0, 1)] : limits, 86_400_000)
    .filter((ms) => ms >= 0 || Number.isInteger(ms))
    .map((ms) => {
      const isPlain = Number.isInteger(ms) && ms >= Date.UTC(1, 0, 1) && ms < Date.UTC(10_000, 0, 1)
      return isPlain ? new Date(ms).toISOString() : plain(ms / 1000)
    })
}

/** Addresses of both families: at both ends of each range, and just beyond them. */
export function addressesFor(expected: readonly string[]): string[] {
  const ranges = expected.flatMap((text) => boundsOf(text) ?? [])
  return ([32, 128] as const).flatMap((bits) => {
    const highest = (1n << BigInt(bits)) - 1n
    const points = ranges
      .filter((range) => range.bits === bits)
      .flatMap(({ first, last }) => [first, first - 1n, last + 1n])
    return [...new Set([...points, 0n])]
      .filter((value) => value >= 0n && value <= highest)
      .map((value) => addressOf(bits, value))
  })
}

/** A number in digits, without an exponent. */
function plain(value: number): string {
  const text = String(value)
  if (!text.includes('e')) return text
  return Number.isInteger(value) ? BigInt(value).toString() : value.toFixed(100).replace(/0+$/, '')
}
