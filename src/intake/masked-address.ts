/** Addresses as output shows them to someone who need not know them. */

/** `gone@customer.example` → `g•••@customer.example` */
export function maskedOf(address: string): string {
  const at = address.lastIndexOf('@')
  return at < 0 ? '•••' : `${[...address.slice(0, at)][0] ?? ''}•••${address.slice(at)}`
}
