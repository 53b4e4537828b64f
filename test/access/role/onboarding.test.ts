import { execFileSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { customerRoleOf, parametersOf } from '../../../src/access/role/customer-role.ts'
import { onboardingOf } from '../../../src/access/role/onboarding.ts'
import { parsePolicy } from '../../../src/policy/document.ts'
import type { Feature } from '../../../src/projects/connection.ts'
import { CUSTOMER, connectionOf, OURS } from '../visited-account.ts'

const url = 'https://bucket.s3.us-east-1.amazonaws.com/customer-access/0a1b.yml'
const rotating = { ...connectionOf('acme'), nextExternalId: 'a'.repeat(32) }
const { roleArn: _, ...fresh } = connectionOf('acme')

describe('the quick-create link', () => {
  test('the link opens the console of the connection’s region with template, stack and parameters filled in', () => {
    const { link } = onboardingOf(fresh, OURS, url)
    const [page = '', query = ''] = link.split('#/stacks/quickcreate?')
    expect(page).toBe('https://us-east-1.console.aws.amazon.com/cloudformation/home?region=us-east-1')
    const given = new URLSearchParams(query)
    expect(given.get('templateURL')).toBe(url)
    expect(given.get('stackName')).toBe('sesame-acme')
    const parameters = Object.entries(parametersOf(fresh, OURS)).map(([name, value]) => [`param_${name}`, value])
    expect([...given].slice(2)).toEqual(parameters)
  })

  test.each([
    ['cn-north-1', 'cn-north-1.console.amazonaws.cn'],
    ['us-gov-west-1', 'us-gov-west-1.console.amazonaws-us-gov.com'],
  ])('the link opens the console of another partition: %s', (region, host) => {
    expect(new URL(onboardingOf({ ...fresh, region }, OURS, url).link).host).toBe(host)
  })

  test('the link has all parameters in its fragment, which no server receives', () => {
    const { pathname, search } = new URL(onboardingOf(fresh, OURS, url).link)
    expect(pathname + search).not.toContain(fresh.externalId)
  })
})

describe('the command', () => {
  /** Runs the command in a shell in which curl and aws print their arguments. */
  const run = (command: string) =>
    execFileSync('sh', [
      '-c',
      `show() { printf '%s\\n' "$@"; }; curl() { show curl "$@"; }; aws() { show aws "$@"; }; ${command}`,
    ])
      .toString()
      .split('\n')

  test('a shell passes the arguments of the command on unchanged', () => {
    const words = run(onboardingOf(fresh, OURS, url).command)
    expect(words).toContain(url)
    expect(words).toEqual(expect.arrayContaining(['deploy', '--region', 'us-east-1', '--stack-name', 'sesame-acme']))
    expect(words).toEqual(expect.arrayContaining(['CAPABILITY_NAMED_IAM', `ExternalIds=${fresh.externalId}`]))
    expect(words).toContain("Stacks[0].Outputs[?OutputKey=='RoleArn'].OutputValue")
  })

  test('during a rotation the command updates the same role with both external ids', () => {
    const words = run(
      onboardingOf({ ...rotating, roleArn: `arn:aws:iam::${CUSTOMER}:role/sesame/theirs` }, OURS, url).command,
    )
    expect(words).toContain(`ExternalIds=${rotating.externalId},${rotating.nextExternalId}`)
    expect(words).toContain('RoleName=theirs')
  })

  test('the command switches off the features that the connection does not have', () => {
    const words = run(onboardingOf({ ...fresh, features: ['reading', 'suppression'] }, OURS, url).command)
    expect(words).toEqual(expect.arrayContaining(['Suppression=on', 'Sending=off', 'Configuration=off']))
  })
})

describe('the Terraform text', () => {
  /** The JSON documents of a Terraform text, with the type and label of their resources. */
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
  ])('the Terraform text has the same policies as the template: %#', (connection) => {
    const role = customerRoleOf(connection, OURS)
    const [trust, ...policies] = documentsIn(onboardingOf(connection, OURS, url).terraform)
    expect(trust).toMatchObject({ type: 'aws_iam_role', document: role.AssumeRolePolicyDocument })
    expect(policies.map(({ document }) => document)).toEqual(role.Policies.map(({ PolicyDocument }) => PolicyDocument))
    expect(policies).toHaveLength(connection.features.length)
    for (const { type } of policies) expect(type).toBe('aws_iam_role_policy')
  })

  test('the Terraform text has the same role name, path and maximum session duration as the template', () => {
    const { terraform } = onboardingOf(fresh, OURS, url)
    expect(terraform).toContain('name                 = "sesame-acme"')
    expect(terraform).toContain('path                 = "/sesame/"')
    expect(terraform).toContain('max_session_duration = 3600')
    expect(terraform).toContain('value       = aws_iam_role.sesame_acme.arn')
    expect(terraform).not.toMatch(/(?<![$%])[$%]\{/)
  })
})
