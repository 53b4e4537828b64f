import { isIPv6 } from 'node:net'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isPublicAddress, reservedIpv4, reservedIpv6 } from '../../src/webhooks/public-address.ts'
import { hostOf, readWebhookUrl, WebhookUrlError } from '../../src/webhooks/webhook-url.ts'

const dotted = (number: number) => [24, 16, 8, 0].map((shift) => (number >>> shift) & 255).join('.')
const numberOf = (address: string) => address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
const anyIpv4 = fc.nat(0xffff_ffff)
/** Reserved ranges by arithmetic, to compare with the list of blocks. */
const isReserved = (number: number) =>
  reservedIpv4.some(
    ([network, prefix]) =>
      Math.floor(number / 2 ** (32 - prefix)) === Math.floor(numberOf(network) / 2 ** (32 - prefix)),
  )
const groups = (address: bigint) =>
  Array.from({ length: 8 }, (_, i) => ((address >> BigInt(112 - 16 * i)) & 0xffffn).toString(16)).join(':')
const anyIpv6 = fc.bigInt({ min: 0n, max: 2n ** 128n - 1n })

describe('isPublicAddress', () => {
  test('isPublicAddress accepts exactly the IPv4 addresses outside of the reserved ranges', () => {
    fc.assert(fc.property(anyIpv4, (number) => isPublicAddress(dotted(number)) === !isReserved(number)))
  })

  test.each(reservedIpv4)(
    'isPublicAddress rejects every address of %s/%i, and accepts the ones before and after',
    (network, prefix) => {
      const [first, size] = [numberOf(network), 2 ** (32 - prefix)]
      fc.assert(
        fc.property(fc.nat(size - 1), (offset) => !isPublicAddress(dotted(first + offset))),
        {
          examples: [[0], [size - 1]],
        },
      )
      for (const neighbour of [first - 1, first + size])
        if (neighbour >= 0 && neighbour < 2 ** 32 && !isReserved(neighbour))
          expect(isPublicAddress(dotted(neighbour))).toBe(true)
    },
  )

  test('isPublicAddress rejects every IPv6 form of every IPv4 address: mapped, compatible, translated, 6to4, Teredo', () => {
    fc.assert(
      fc.property(
        anyIpv4,
        fc.constantFrom('::ffff:', '::', '64:ff9b::', '64:ff9b:1::', '::ffff:0:'),
        (number, prefix) => {
          const [high, low] = [(number >>> 16).toString(16), (number & 0xffff).toString(16)]
          for (const address of [
            `${prefix}${dotted(number)}`,
            `${prefix}${high}:${low}`,
            `2002:${high}:${low}::1`,
            `2001:0:${high}:${low}::1`,
          ]) {
            expect(isIPv6(address), address).toBe(true)
            expect(isPublicAddress(address), address).toBe(false)
          }
        },
      ),
    )
  })

  test('isPublicAddress accepts of IPv6 only what lies in 2000::/3 and in no reserved range', () => {
    const reserved = [
      [0x2001n << 112n, 23],
      [0x2001_0db8n << 96n, 32],
      [0x2002n << 112n, 16],
      [0x3fffn << 112n, 20],
    ] as const
    expect(reserved).toHaveLength(reservedIpv6.length)
    const near = fc
      .tuple(fc.constantFrom(...reserved), anyIpv6)
      .map(([[network, prefix], rest]) => network | (rest % 2n ** BigInt(128 - prefix)))
    const isPublic = (address: bigint) =>
      address >> 125n === 1n &&
      !reserved.some(([network, prefix]) => address >> BigInt(128 - prefix) === network >> BigInt(128 - prefix))
    const inRange = anyIpv6.map((rest) => (1n << 125n) | (rest % 2n ** 125n))
    fc.assert(
      fc.property(
        fc.oneof(anyIpv6, inRange, near),
        (address) => isPublicAddress(groups(address)) === isPublic(address),
      ),
    )
  })

  test.each([
    '::1',
    '::',
    'fe80::1',
    'fe80::1%eth0',
    '2606:4700::1111%eth0',
    'fd00:ec2::254',
    'ff02::1',
    '',
    'localhost',
    '1.2.3',
    '[2606:4700::1111]',
    '8.8.8.8 ',
  ])('isPublicAddress rejects %j', (address) => {
    expect(isPublicAddress(address)).toBe(false)
  })

  test.each(['8.8.8.8', '1.1.1.1', '2606:4700:4700::1111', '2a00:1450:4001:82a::200e'])(
    'isPublicAddress accepts %s',
    (address) => {
      expect(isPublicAddress(address)).toBe(true)
    },
  )
})

describe('the URL of a webhook', () => {
  const spellings = (number: number) => [
    dotted(number),
    String(number),
    `0x${number.toString(16)}`,
    `0${number.toString(8)}`,
    dotted(number)
      .split('.')
      .map((part) => `0x${Number(part).toString(16)}`)
      .join('.'),
    `[::ffff:${dotted(number)}]`,
  ]

  test('a URL with a reserved IPv4 address is refused, however it is spelled, and with a public one accepted', () => {
    const reserved = fc
      .constantFrom(...reservedIpv4)
      .chain(([network, prefix]) => fc.nat(2 ** (32 - prefix) - 1).map((offset) => numberOf(network) + offset))
    fc.assert(
      fc.property(fc.oneof(reserved, anyIpv4), fc.nat(5), (number, i) => {
        const text = `https://${spellings(number)[i]}/hook`
        const isRefused = i === 5 || isReserved(number)
        if (isRefused) expect(() => readWebhookUrl(text), text).toThrow(WebhookUrlError)
        else expect(hostOf(readWebhookUrl(text))).toBe(dotted(number))
      }),
    )
  })

  test.each([
    ['http://hooks.customer.example/', 'must begin with https://'],
    ['ftp://hooks.customer.example/', 'must begin with https://'],
    ['https://user:secret@hooks.customer.example/', 'user name or a password'],
    ['https://hooks.customer.example/#here', 'fragment'],
    ['https://hooks.customer.example:25/', 'port 443'],
    ['https://localhost/', 'public internet'],
    ['https://db.internal/', 'public internet'],
    ['https://printer.local./', 'public internet'],
    ['https://intranet/', 'public internet'],
    ['https://[::1]/', 'public internet'],
    ['not a url', 'must be a URL'],
    [`https://hooks.customer.example/${'a'.repeat(2_100)}`, '2048 characters'],
  ])('%s is refused: %s', (url, why) => {
    expect(() => readWebhookUrl(url)).toThrow(why)
    expect(() => readWebhookUrl(url)).not.toThrow(/secret/)
  })

  test('a URL with a name, a port from 1024 on and a query is accepted', () => {
    expect(readWebhookUrl('https://hooks.customer.example:8443/in?x=1').href).toBe(
      'https://hooks.customer.example:8443/in?x=1',
    )
  })
})
