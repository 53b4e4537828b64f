import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ExternalIdGivenError, newExternalId, refuseGivenExternalId } from '../../src/projects/external-id.ts'
import { runsOf } from '../runs.ts'

describe('external ids', () => {
  test('an external id has 128 random bits, written without characters that STS, templates or shells would reject', () => {
    const ids = Array.from({ length: 1_000 }, newExternalId)
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{32}$/)
    expect(new Set(ids).size).toBe(ids.length)
    const bits = ids.map((id) => [...BigInt(`0x${id}`).toString(2)].filter((bit) => bit === '1').length)
    expect(bits.reduce((sum, count) => sum + count, 0) / ids.length).toBeCloseTo(64, -1)
  })

  test.each([
    [{ externalId: 'chosen' }],
    [{ ExternalId: 'chosen' }],
    [{ external_id: 'chosen' }],
    [{ 'external-id': 'chosen' }],
    [{ nextExternalId: 'chosen' }],
    [{ ExternalIds: ['chosen'] }],
    [{ connection: { settings: [{ EXTERNALID: 'chosen' }] } }],
    [{ externalId: undefined }],
  ])('a request with an external id is refused: %j', (request) => {
    expect(() => refuseGivenExternalId(request)).toThrow(ExternalIdGivenError)
    expect(() => refuseGivenExternalId(request)).toThrow(/^(?!.*chosen)/)
  })

  test('an external id is found at any depth of a request, and in no request without one', () => {
    const name = fc.string().filter((text) => !/external.?id/i.test(text))
    const value = fc.letrec((tie) => ({
      tree: fc.oneof({ maxDepth: 4 }, fc.string(), fc.dictionary(name, tie('tree')), fc.array(tie('tree'))),
    })).tree
    fc.assert(
      fc.property(value, fc.dictionary(name, value), (inner, request) => {
        expect(() => refuseGivenExternalId(request)).not.toThrow()
        expect(() => refuseGivenExternalId({ ...request, deep: [inner, { externalId: '' }] })).toThrow(
          ExternalIdGivenError,
        )
      }),
      { seed: 1, numRuns: runsOf(200) },
    )
  })

  test('a request that is nested 200,000 levels deep is refused in words', () => {
    const deep = JSON.parse(`${'{"a":'.repeat(200_000)}1${'}'.repeat(200_000)}`)
    expect(() => refuseGivenExternalId(deep)).toThrow('The request is nested more than 32 levels deep')
  })
})
