import fc from 'fast-check'
import { expect, test } from 'vitest'
import { inRange } from '../../src/policy/addresses.ts'
import { matchesAction, matchesArn, matchesPieces, piecesOf } from '../../src/policy/match.ts'
import { runsOf } from '../runs.ts'

const letters = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?', ':'), maxLength: 12 })

test('a wildcard pattern matches the same texts as the equivalent regular expression', () => {
  fc.assert(
    fc.property(letters, letters, (pattern, text) => {
      const same = new RegExp(`^${pattern.replace(/\*/g, '.*').replace(/\?/g, '.')}$`, 's')
      expect(matchesPieces(piecesOf(pattern), text)).toBe(same.test(text))
    }),
    { seed: 1, numRuns: runsOf(20_000) },
  )
})

test('a pattern that makes backtracking slow is matched within a second', () => {
  const started = performance.now()
  expect(matchesPieces(piecesOf('*a'.repeat(200)), `${'a'.repeat(5000)}b`)).toBe(false)
  expect(performance.now() - started).toBeLessThan(1000)
})

test('an action is matched without regard to case', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('a', 'B', ':', '*') }), (action) => {
      expect(matchesAction(action.toLowerCase(), action.toUpperCase())).toBe(true)
    }),
    { seed: 1 },
  )
})

test('an ARN matches itself, and text that is not an ARN cannot be compared', () => {
  const arn = 'arn:aws:logs:us-east-1:123456789012:log-group:/aws/lambda/f:log-stream:x'
  expect(matchesArn(piecesOf(arn), arn)).toBe(true)
  expect(matchesArn(piecesOf('arn:aws:logs:*:*:log-group:/aws/*:*'), arn)).toBe(true)
  expect(matchesArn(piecesOf('arn:aws:*'), arn)).toBeUndefined()
  expect(matchesArn(piecesOf('*'), arn)).toBeUndefined()
  expect(matchesArn(piecesOf(arn), 'x')).toBeUndefined()
})

test('an IPv4 range contains the addresses with its prefix and no others', () => {
  fc.assert(
    fc.property(fc.ipV4(), fc.integer({ min: 0, max: 32 }), (address, prefix) => {
      expect(inRange(`${address}/${prefix}`, address)).toBe(true)
      const [first = '', ...rest] = address.split('.')
      const other = [Number(first) ^ 128, ...rest].join('.')
      expect(inRange(`${address}/${prefix}`, other)).toBe(prefix === 0)
    }),
    { seed: 1 },
  )
})

test('an IPv6 address is in its own range and in the range of all addresses', () => {
  fc.assert(
    fc.property(fc.ipV6(), (address) => {
      expect(inRange(address, address)).toBe(true)
      expect(inRange(`${address}/0`, '::1')).toBe(true)
    }),
    { seed: 1 },
  )
})

test.each([
  '1.2.3',
  '1.2.3.4.5',
  '256.1.1.1',
  '01.1.1.1',
  '1.1.1.1/33',
  '1.1.1.1/',
  '1.1.1.1/8/8',
  ':::1',
  '1::2::3',
  'fffff::',
  '::1.2.3',
  '',
  'x',
])('%j is not a range', (range) => {
  expect(inRange(range, '1.1.1.1')).toBeUndefined()
})
