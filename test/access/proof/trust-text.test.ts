import { describe, expect, test } from 'vitest'
import { externalIdsIn, judgeTrust } from '../../../src/access/proof/trust-text.ts'
import { parsePolicy } from '../../../src/policy/document.ts'
import { CUSTOMER, MANAGER, OURS, PROBE } from './proven-account.ts'
import { type Case, closed, loose, passing } from './trust-policies.ts'

const id = '0123456789abcdef0123456789abcdef'
const judge = (statements: object[]) =>
  judgeTrust({
    document: parsePolicy({ Version: '2012-10-17', Statement: statements }, 'trust'),
    externalIds: [id],
    ourAccount: OURS,
    roleAccount: CUSTOMER,
    manager: MANAGER,
    probe: PROBE,
  })

/** What only the text can tell: the probe knows one account and a few ids. */
const beyondTheProbe =
  /^(another principal can assume the role|an external id that the policy does not name is accepted)$/
const failing = (statements: object[]) =>
  judge(statements).flatMap(({ step, verdict }) => (verdict === 'failed' ? [step] : []))

describe('a trust policy judged from its text', () => {
  test.each<Case>([...loose, ...closed, ...passing])(
    'a trust policy that %s is judged from its text as the probe finds it',
    (_, statements, expected) => {
      expect(failing(statements(id)).filter((step) => !beyondTheProbe.test(step))).toEqual(expected)
    },
  )

  test('the text tells what the probe must leave open: who else may enter, and which other ids are accepted', () => {
    const named = (name: string) => {
      const found = passing.find(([title]) => title === name)
      if (found === undefined) throw new Error(`no case ${name}`)
      return failing(found[1](id))
    }
    expect(named('is that of the template')).toEqual([])
    expect(named('refuses other ids with a Deny')).toEqual([])
    expect(named('names our whole account, with the id')).toEqual(['another principal can assume the role'])
    expect(named('names every principal, with the id')).toEqual(['another principal can assume the role'])
    expect(named('has a second statement for another account')).toEqual(['another principal can assume the role'])
    const [, prefix] = loose.find(([title]) => title.startsWith('accepts ids that begin')) ?? []
    expect(failing(prefix?.(id) ?? [])).toContain('an external id that the policy does not name is accepted')
  })

  test('the finding names a principal that may enter, and no external id', () => {
    const [open] = passing.filter(([title]) => title === 'has a second statement for another account')
    const findings = JSON.stringify(judge(open?.[1](id) ?? []))
    expect(findings).toContain('999988887777')
    expect(findings).not.toContain(id)
  })

  test('the external ids of a policy are those that its StringEquals names', () => {
    const document = parsePolicy({ Version: '2012-10-17', Statement: passing[1]?.[1](id) }, 'trust')
    expect(externalIdsIn(document)).toEqual([id, 'f'.repeat(32)])
  })
})
