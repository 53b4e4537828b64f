/** A reason that AWS gives, as a part of a problem: one line, not too long, without an address. */
export function safeDetailOf(reason: string): string {
  const line = reason
    .replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ')
    .replaceAll(/[^\s<>"']+@[^\s<>"']+/g, '(address)')
    .trim()
    .slice(0, 300)
  return `SES says: ${line === '' ? 'nothing' : line}`
}
