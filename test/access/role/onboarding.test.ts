import { execFileSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { customerRole, parametersOf } from '../../../src/access/role/customer-role.ts'
import { onboardingOf } from '../../../src/access/role/onboarding.ts'
import { parsePolicy } from '../../../src/policy/document.ts'
import type { Feature } from '../../../src/projects/connection.ts'
import { CUSTOMER, connectionOf, OURS } from '../visited-account.ts'

const expires = new Date('2026-03-04T06:06:07.000Z')
const url = 'https://bucket.s3.us-east-1.amazonaws.com/customer-access/0a1b.yml?X-Amz-Signature=5d&X-Amz-Date=2026'
const template = { url, expires }
const rotating = { ...connectionOf('acme'), nextExternalId: 'a'.repeat(32) }
const { roleArn: _, ...fresh } = connectionOf('acme')

describe('the quick-create link', () => {
  test('opens the console of the connection’s region with template, stack and parameters filled in', () => {
    const { link, expires: until } = onboardingOf(fresh, OURS, template)
    const [page = '', query = ''] = link.split('#/stacks/quickcreate?')
    expect(page).toBe('https://us-east-1.console.aws.amazon.com/cloudformation/home?region=us-east-1')
    const given = new URLSearchParams(query)
    expect(given.get('templateURL')).toBe(url)
    expect(given.get('stackName')).toBe('sesame-acme')
    const parameters = Object.entries(parametersOf(fresh, OURS)).map(([name, value]) => [`param_${name}`, value])
    expect([...given].slice(2)).toEqual(parameters)
    expect(until).toBe(expires)
  })

  test.each([
    ['cn-north-1', 'cn-north-1.console.amazonaws.cn'],
    ['us-gov-west-1', 'us-gov-west-1.console.amazonaws-us-gov.com'],
  ])('opens the console of another partition: %s', (region, host) => {
    expect(new URL(onboardingOf({ ...fresh, region }, OURS, template).link).host).toBe(host)
  })

  test('keeps all parameters behind the #, where no server sees them', () => {
    const { pathname, search } = new URL(onboardingOf(fresh, OURS, template).link)
    expect(pathname + search).not.toContain(fresh.externalId)
  })
})

describe('the command', () => {
  /** What a shell makes of it, with commands that print their arguments. */
  const run = (command: string) =>
    execFileSync('sh', [
      '-c',
      `show() { printf '%s\\n' "$@"; }; curl() { show curl "$@"; }; aws() { show aws "$@"; }; ${command}`,
    ])
      .toString()
      .split('\n')

  test('is read by a shell as it is meant', () => {
    const words = run(onboardingOf(fresh, OURS, template).command)
    expect(words).toContain(url)
    expect(words).toEqual(expect.arrayContaining(['deploy', '--region', 'us-east-1', '--stack-name', 'sesame-acme']))
    expect(words).toEqual(expect.arrayContaining(['CAPABILITY_NAMED_IAM', `ExternalIds=${fresh.externalId}`]))
    expect(words).toContain("Stacks[0].Outputs[?OutputKey=='RoleArn'].OutputValue")
  })

  test('updates the same role with both ids during a rotation', () => {
    const words = run(
      onboardingOf({ ...rotating, roleArn: `arn:aws:iam::${CUSTOMER}:role/sesame/theirs` }, OURS, template).command,
    )
    expect(words).toContain(`ExternalIds=${rotating.externalId},${rotating.nextExternalId}`)
    expect(words).toContain('RoleName=theirs')
  })

  test('switches off what the customer does not let us do', () => {
    const words = run(onboardingOf({ ...fresh, features: ['reading', 'suppression'] }, OURS, template).command)
    expect(words).toEqual(expect.arrayContaining(['Suppression=on', 'Sending=off', 'Configuration=off']))
  })
})

describe('the Terraform text', () => {
  /** Its JSON documents, by what they are assigned to. */
  function documentsIn(terraform: string) {
    const found = terraform.matchAll(
      /resource "(\w+)" "(\w+)" \{.*?(assume_role_policy|policy) += <<-JSON\n(.*?)\n +JSON\n/gs,
    )
    return [...found].map(([, type = '', label = '', field = '', json = '']) => ({
      type,
      label,
      document: parsePolicy(json, field === 'policy' ? 'identity' : 'trust'),
    }))
  }

  test.each([
    [fresh],
    [rotating],
    [{ ...fresh, features: ['reading'] as Feature[] }],
    [{ ...fresh, project: 'a-b-c' }],
  ])('says the same as the template: %#', (guest) => {
    const role = customerRole(guest, OURS)
    const [trust, ...policies] = documentsIn(onboardingOf(guest, OURS, template).terraform)
    expect(trust).toMatchObject({ type: 'aws_iam_role', document: role.AssumeRolePolicyDocument })
    expect(policies.map(({ document }) => document)).toEqual(role.Policies.map(({ PolicyDocument }) => PolicyDocument))
    expect(policies).toHaveLength(guest.features.length)
    for (const { type } of policies) expect(type).toBe('aws_iam_role_policy')
  })

  test('names the role, its path and the longest session as the template does', () => {
    const { terraform } = onboardingOf(fresh, OURS, template)
    expect(terraform).toContain('name                 = "sesame-acme"')
    expect(terraform).toContain('path                 = "/sesame/"')
    expect(terraform).toContain('max_session_duration = 3600')
    expect(terraform).toContain('value       = aws_iam_role.sesame_acme.arn')
    expect(terraform).not.toMatch(/(?<![$%])[$%]\{/)
  })
})
