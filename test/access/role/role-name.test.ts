import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { customerRoleOf, newRoleNameOf } from '../../../src/access/role/customer-role.ts'
import { onboardingOf } from '../../../src/access/role/onboarding.ts'
import { checkRoleArn } from '../../../src/projects/role-arn.ts'
import { CUSTOMER, connectionOf, OURS } from '../visited-account.ts'

const { roleArn: _, ...fresh } = connectionOf('acme')
const at = { stage: 'prod', region: 'eu-west-1' }
const url = 'https://bucket.s3.us-east-1.amazonaws.com/customer-access/0a1b.yml'
const named = (connection: object, roleName = newRoleNameOf('acme', at)) => ({ ...fresh, ...connection, roleName })
const stackIn = (link: string) => new URLSearchParams(link.split('?').at(-1)).get('stackName')

describe('the name of a customer’s role', () => {
  test('the name of a new role and of its stack names stage and region, so two stacks of Sesame have a role each', () => {
    expect(newRoleNameOf('acme', at)).toBe('sesame-prod-eu-west-1-acme')
    const { link, command, terraform } = onboardingOf(named({}), OURS, url)
    expect(stackIn(link)).toBe('sesame-prod-eu-west-1-acme')
    expect(command).toContain('RoleName=sesame-prod-eu-west-1-acme')
    expect(terraform).toContain('sesame-prod-eu-west-1-acme')
    const others = [
      { stage: 'dev', region: 'eu-west-1' },
      { stage: 'prod', region: 'us-east-1' },
    ].map((other) => newRoleNameOf('acme', other))
    expect(new Set(['sesame-prod-eu-west-1-acme', ...others]).size).toBe(3)
  })

  test.each(['sesame-acme', 'theirs'])('the role %s of an existing connection keeps its name and its stack', (name) => {
    const connection = named({ roleArn: `arn:aws:iam::${CUSTOMER}:role/sesame/${name}` })
    const { link, command } = onboardingOf(connection, OURS, url)
    expect(customerRoleOf(connection, OURS).RoleName).toBe(name)
    expect(command).toContain(`RoleName=${name} `)
    expect(stackIn(link)).toBe('sesame-acme')
  })

  test('a role with the new name keeps its stack when it is updated', () => {
    const roleArn = `arn:aws:iam::${CUSTOMER}:role/sesame/sesame-prod-eu-west-1-acme`
    expect(stackIn(onboardingOf(named({ roleArn }), OURS, url).link)).toBe('sesame-prod-eu-west-1-acme')
  })

  test('names of any project, stage and region are valid in IAM and CloudFormation, and differ', () => {
    const letter = fc.constantFrom(...'abc9')
    const word = (max: number) => fc.array(letter, { minLength: 1, maxLength: max }).map((all) => `a${all.join('')}`)
    const place = fc.record({
      stage: word(16),
      region: fc.constantFrom('ap-southeast-1', 'us-gov-west-1', 'eu-west-1'),
    })
    fc.assert(
      fc.property(place, word(31), word(31), (where, one, other) => {
        const name = newRoleNameOf(one, where)
        expect(name).toMatch(/^[A-Za-z][A-Za-z0-9-]{0,63}$/)
        const expected = { account: CUSTOMER, ourAccount: OURS, partition: 'aws' }
        expect(checkRoleArn(`arn:aws:iam::${CUSTOMER}:role/sesame/${name}`, expected)).toContain(name)
        if (one !== other) expect(newRoleNameOf(other, where)).not.toBe(name)
      }),
    )
  })
})
