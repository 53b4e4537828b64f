/** Numbers and days as a reader sees them. Pure, and the same in every time zone. */

/** `12,480` */
export const countText = (count: number): string => count.toLocaleString('en-US')

/** `4.60 %`: two digits after the point, three where a rate is judged in tenths of a thousandth. */
export const rateText = (rate: number, digits = 2): string => `${(rate * 100).toFixed(digits)} %`

const monthNames = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** `2026-03-01` → `1 Mar` */
export function dayText(day: string): string {
  const [, month, date] = day.split('-').map(Number)
  const name = month === undefined ? undefined : monthNames[month - 1]
  return name === undefined || date === undefined ? day : `${date} ${name}`
}
