/**
 * IPv4 and IPv6 ranges of IpAddress conditions, as numbers of 32 or 128 bits.
 *
 * The two families never match each other. As in IAM, an IPv4-mapped IPv6 address is an IPv6 address.
 */

type AddressNumber = { bits: 32 | 128; value: bigint }

/** Whether `range`, an address or CIDR block, contains `address`; `undefined` if either is malformed. */
export function inRange(range: string, address: string): boolean | undefined {
  const [base = '', prefix, ...more] = range.split('/')
  const network = numberOf(base)
  const host = numberOf(address)
  if (network === undefined || host === undefined || more.length > 0) return undefined
  if (prefix !== undefined && (!/^\d{1,3}$/.test(prefix) || Number(prefix) > network.bits)) return undefined
  if (network.bits !== host.bits) return false
  const shift = BigInt(network.bits - Number(prefix ?? network.bits))
  return network.value >> shift === host.value >> shift
}

/** The first and the last address of a range; `undefined` if it is malformed. */
export function boundsOf(range: string): { bits: 32 | 128; first: bigint; last: bigint } | undefined {
  const [base = '', prefix] = range.split('/')
  const network = numberOf(base)
  if (network === undefined || inRange(range, base) === undefined) return undefined
  const shift = BigInt(network.bits - Number(prefix ?? network.bits))
  const first = (network.value >> shift) << shift
  return { bits: network.bits, first, last: first + (1n << shift) - 1n }
}

/** The text of an address from its number. */
export function addressOf(bits: 32 | 128, value: bigint): string {
  const size = bits === 32 ? 8n : 16n
  const groups = Array.from(
    { length: bits === 32 ? 4 : 8 },
    (_, index, count = bits === 32 ? 4n : 8n) => (value >> (size * (count - 1n - BigInt(index)))) & ((1n << size) - 1n),
  )
  return bits === 32 ? groups.join('.') : groups.map((group) => group.toString(16)).join(':')
}

function numberOf(text: string): AddressNumber | undefined {
  return text.includes(':') ? v6(text) : v4(text)
}

function v4(text: string): AddressNumber | undefined {
  const parts = text.split('.')
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256))
    return undefined
  return { bits: 32, value: parts.reduce((sum, part) => sum * 256n + BigInt(part), 0n) }
}

function v6(text: string): AddressNumber | undefined {
  const tail = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text)
  const embedded = tail === null ? undefined : v4(tail[2] ?? '')
  if (tail !== null && embedded === undefined) return undefined
  const hex =
    embedded === undefined
      ? text
      : `${tail?.[1]}${(embedded.value >> 16n).toString(16)}:${(embedded.value & 0xffffn).toString(16)}`
  const halves = hex.split('::')
  if (halves.length > 2) return undefined
  const [left = [], right = []] = halves.map((half) => (half === '' ? [] : half.split(':')))
  const missing = 8 - left.length - right.length
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined
  const groups = [...left, ...Array<string>(missing).fill('0'), ...right]
  if (!groups.every((group) => /^[\da-f]{1,4}$/i.test(group))) return undefined
  return { bits: 128, value: groups.reduce((sum, group) => sum * 65536n + BigInt(`0x${group}`), 0n) }
}
