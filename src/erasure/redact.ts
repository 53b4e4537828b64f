/** Finds an address in texts of any spelling, and takes it out of JSON. Pure. */
import { AddressError, normaliseAddress } from '../intake/address.ts'

/** What stands in the place of a text that had the address. */
export const erasedText = '(erased)'

/** `Jane <Jane@Example.com>` → `jane@example.com`; `undefined` if the text is not one address. */
export function addressIn(text: string): string | undefined {
  try {
    return normaliseAddress(text)
  } catch (error) {
    if (error instanceof AddressError) return undefined
    throw error
  }
}

/** Whether a text has the address: as the whole of it, or as a part that nothing makes a longer address. */
export function hasAddress(text: string, address: string): boolean {
  const whole = text.toLowerCase()
  for (let at = whole.indexOf(address); at >= 0; at = whole.indexOf(address, at + 1)) {
    const before = whole[at - 1] ?? ''
    const after = whole.slice(at + address.length, at + address.length + 2)
    if (!/[\w.!#$%&'*+/=?^`{|}~-]/.test(before) && !/^(?:[\w-]|\.[\w-])/.test(after)) return true
  }
  return text.length <= 2_048 && addressIn(text) === address
}

/** JSON with each string that has the address replaced. A text that is not JSON is replaced as a whole. */
export function withoutAddress(json: string, address: string): string {
  let found = false
  const redact = (_: string, value: unknown): unknown => {
    if (typeof value !== 'string' || !hasAddress(value, address)) return value
    found = true
    return erasedText
  }
  let parsed: unknown
  try {
    parsed = JSON.parse(json, redact)
  } catch {
    return hasAddress(json, address) ? erasedText : json
  }
  return found ? JSON.stringify(parsed) : json
}
