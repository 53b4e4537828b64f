/**
 * Which IP addresses belong to the public internet. Pure.
 *
 * A webhook is called at an address that a customer chose. Without this check, somebody could name an address that only we can reach: the
 * credentials of the function (169.254.170.2), the metadata of a machine (169.254.169.254), or a server inside a network.
 * https://www.iana.org/assignments/iana-ipv4-special-registry and https://www.iana.org/assignments/iana-ipv6-special-registry
 */
import { BlockList, isIPv4, isIPv6 } from 'node:net'

/** IPv4 ranges that are not public: private, loopback, link-local, shared, documentation, benchmarks, multicast, reserved. */
export const reservedIpv4 = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const

/** The only range of IPv6 from which public addresses are assigned. */
const assignedIpv6 = ['2000::', 3] as const

/**
 * Ranges in it that are not public: protocols such as Teredo, documentation, and 6to4, whose addresses hold an IPv4 address. Addresses that
 * are mapped or translated from IPv4 are outside of the assigned range.
 */
export const reservedIpv6 = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const

const notPublic = new BlockList()
for (const [network, prefix] of reservedIpv4) notPublic.addSubnet(network, prefix, 'ipv4')
for (const [network, prefix] of reservedIpv6) notPublic.addSubnet(network, prefix, 'ipv6')
const assigned = new BlockList()
assigned.addSubnet(...assignedIpv6, 'ipv6')

/** @param address an IP address without brackets; everything else is not public */
export function isPublicAddress(address: string): boolean {
  if (isIPv4(address)) return !notPublic.check(address, 'ipv4')
  // A zone (`fe80::1%eth0`) exists only in a local network.
  if (!isIPv6(address) || address.includes('%')) return false
  return assigned.check(address, 'ipv6') && !notPublic.check(address, 'ipv6')
}
