import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import type { Aws } from '../../local/aws.ts'
import { registerRoles } from '../../src/cli/roles.ts'
import { watchedAws } from '../audit/watched.ts'
import { run } from './operator.ts'

let aws: Aws
const folder = mkdtempSync(join(tmpdir(), 'sesame-compare-'))
beforeAll(async () => {
  aws = await watchedAws()
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const roles = async (...args: string[]) => run(aws, registerRoles, 'roles', ...args)
const rowsOf = async (...args: string[]) => {
  const { printed, code } = await roles(...args, '--output', 'json')
  return {
    rows: printed
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line)),
    code,
  }
}

describe('sesame roles can', () => {
  test('sesame roles can lists each statement that allows something, with its conditions and the smallest request', async () => {
    const { rows, code } = await rowsOf('can', 'notification-handler', '--action', 'dynamodb:*')
    expect(code).toBe(0)
    expect(rows.map(({ statement, action }) => [statement, action])).toEqual([
      ['LookUpTheProjectOfAnAccount', 'dynamodb:Query'],
      ['KeepEvidenceInTheList', 'dynamodb:UpdateItem'],
    ])
    expect(rows[0].if).toBe('dynamodb:LeadingKeys ForAllValues:StringLike route#*; dynamodb:LeadingKeys Null false')
    expect(rows[0].example).toMatch(
      /^dynamodb:Query on arn:.*table\/sesame-dev-projects with dynamodb:LeadingKeys route#/,
    )
  })

  test('sesame roles can says that a role may not, whatever the request, and exits with 3', async () => {
    const { printed, code } = await roles('can', 'notification-handler', '--action', 'dynamodb:DeleteItem')
    expect(printed).toContain('notification-handler may not do this, whatever the request')
    expect(code).toBe(3)
  })

  test('sesame roles can answers for one resource and for fixed values of condition keys', async () => {
    const on = (name: string) => ['--resource', `arn:aws:dynamodb:us-east-1:123456789012:table/sesame-dev-${name}`]
    const update = ['can', 'notification-handler', '--action', 'dynamodb:UpdateItem']
    expect((await rowsOf(...update, ...on('suppressions'))).rows).toHaveLength(1)
    expect((await rowsOf(...update, ...on('projects'))).rows).toEqual([])
    expect((await rowsOf(...update, '--when', 'dynamodb:Attributes=rulings')).rows).toEqual([])
    expect((await rowsOf(...update, '--when', 'dynamodb:Attributes=lastHard')).rows).toHaveLength(1)
  })

  test('sesame roles can names the roles that exist if the role does not', async () => {
    await expect(roles('can', 'nobody')).rejects.toThrow(
      /Role nobody does not exist. The roles are: .*notification-handler/,
    )
    await expect(roles('can', 'operator', '--when', 'x')).rejects.toThrow('--when x is not KEY=VALUE')
  })
})

describe('sesame roles compare', () => {
  type Statement = Record<string, unknown>
  /** The role file with one statement changed, compared with the file as it is. */
  async function compareWith(name: string, sid: string, change: (statement: Statement) => Statement) {
    const text = readFileSync(new URL(`../../iam/${name}.yml`, import.meta.url), 'utf8')
    const changed = JSON.parse(JSON.stringify(parse(text)), (_, value) => (value?.Sid === sid ? change(value) : value))
    const [base, head] = [join(folder, 'base', `${name}.yml`), join(folder, 'head', `${name}.yml`)]
    for (const [path, content] of [
      [base, text],
      [head, stringify(changed, { aliasDuplicateObjects: false })],
    ] as const) {
      mkdirSync(join(path, '..'), { recursive: true })
      writeFileSync(path, content)
    }
    return rowsOf('compare', base, head)
  }

  test('sesame roles compare shows what a widened resource newly allows', async () => {
    const { rows, code } = await compareWith('notification-handler', 'LookUpTheProjectOfAnAccount', (one) => ({
      ...one,
      Resource: '*',
    }))
    expect(rows).toHaveLength(1)
    expect(rows[0]).toMatchObject({
      role: 'notification-handler',
      change: 'newly allowed',
      action: 'dynamodb:Query',
      statement: 'LookUpTheProjectOfAnAccount',
    })
    // The boundary still limits the role to tables of the stack.
    expect(rows[0].example).toMatch(/table\/sesame-dev-(?!projects )/)
    expect(code).toBe(3)
  })

  test('sesame roles compare shows what a dropped condition newly allows', async () => {
    const { rows } = await compareWith(
      'notification-handler',
      'KeepEvidenceInTheList',
      ({ Condition: _, ...one }) => one,
    )
    expect(rows).toHaveLength(1)
    expect(rows[0]).toMatchObject({ change: 'newly allowed', action: 'dynamodb:UpdateItem' })
    expect(rows[0].example).not.toContain('dynamodb:Attributes')
  })

  test('sesame roles compare shows that IfExists lets a request without the key through', async () => {
    const { rows } = await compareWith('customer-access', 'LetSesameInWithTheExternalId', (one) => ({
      ...one,
      Condition: {
        ArnLike: Object(one.Condition).ArnLike,
        StringEqualsIfExists: Object(one.Condition).StringEquals,
      },
    }))
    expect(rows).toHaveLength(1)
    expect(rows[0]).toMatchObject({ change: 'newly allowed', action: 'sts:AssumeRole' })
    expect(rows[0].example).not.toContain('sts:ExternalId')
  })

  test('sesame roles compare shows whom a second principal lets in', async () => {
    const { rows } = await compareWith('role-audit', 'LetLambdaRunAsThisRole', (one) => ({
      ...one,
      Principal: { Service: ['lambda.amazonaws.com', 'ec2.amazonaws.com'] },
    }))
    expect(rows).toHaveLength(1)
    expect(rows[0].example).toMatch(/^ec2\.amazonaws\.com: sts:AssumeRole on /)
  })

  test('sesame roles compare shows what NotAction newly allows', async () => {
    const { rows } = await compareWith('sns-delivery-status', 'MakeALogThatIsGone', ({ Action, ...one }) => ({
      ...one,
      NotAction: Action,
    }))
    expect(rows.map(({ change, action }) => [change, action])).toContainEqual([
      'no longer allowed',
      'logs:CreateLogGroup',
    ])
    expect(rows.filter(({ change }) => change === 'newly allowed')).not.toEqual([])
  })

  test('sesame roles compare says that two ways to write a policy are equal for all requests', async () => {
    const { rows, code } = await compareWith('notification-handler', 'TakeFromTheFeedbackQueue', (one) => ({
      ...one,
      Action: [...[one.Action].flat().reverse(), 'sqs:ReceiveMessage', 'SQS:receivemessage'],
    }))
    expect(rows).toEqual([])
    expect(code).toBe(0)
  })

  test('sesame roles compare reads a policy document, and hides external ids', async () => {
    const trust = (Condition: object) => ({
      Version: '2012-10-17',
      Statement: { Effect: 'Allow', Principal: { AWS: '111122223333' }, Action: 'sts:AssumeRole', Condition },
    })
    const [base, head] = [join(folder, 'base.json'), join(folder, 'head.json')]
    writeFileSync(base, JSON.stringify(trust({ StringEquals: { 'sts:ExternalId': '0123456789abcdef' } })))
    writeFileSync(head, JSON.stringify(trust({ StringLike: { 'sts:ExternalId': '0123456789abcdef*' } })))
    const { printed } = await roles('compare', base, head)
    expect(printed).toMatch(/newly allowed +sts:AssumeRole/)
    expect(printed).not.toContain('0123456789abcdef')
    expect((await rowsOf('compare', head, base)).rows.map(({ change }) => change)).toEqual(['no longer allowed'])
  })

  test('sesame roles compare refuses what is no policy, and what git does not know', async () => {
    const path = join(folder, 'other.json')
    writeFileSync(path, '{"name": "sesame"}')
    await expect(roles('compare', path, path)).rejects.toThrow('is neither a policy document nor a template')
    await expect(roles('compare', 'no-such-revision', '.')).rejects.toThrow('git knows no such revision')
  })
})

describe('sesame roles public', () => {
  test('sesame roles public lists every service that may assume a role, publish, send or invoke, and nobody else', async () => {
    const { rows } = await rowsOf('public')
    const who = new Set(rows.map((row) => row.who))
    expect([...who].filter((name) => !name.endsWith('.amazonaws.com')).sort()).toEqual([
      'arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com',
      // The role in the customer's account, for which Sesame's account is another.
      'arn:aws:iam::123456789012:root',
      'arn:aws:iam::123456789012:saml-provider/the-samlprovider',
    ])
    const publishers = rows.filter(({ may }) => may === 'sns:Publish').map((row) => [row.who, row.where])
    expect(publishers).toEqual(
      expect.arrayContaining([
        ['ses.amazonaws.com', 'BouncesTopic'],
        ['ses.amazonaws.com', 'ComplaintsTopic'],
        ['cloudwatch.amazonaws.com', 'AlertsTopic'],
      ]),
    )
    expect(new Set(publishers.map(([name]) => name))).toEqual(
      new Set(['ses.amazonaws.com', 'cloudwatch.amazonaws.com']),
    )
    const { printed } = await roles('public')
    expect(printed).toMatch(
      /Nobody else outside account 123456789012, whatever the request: \d+ roles and \d+ resource policies/,
    )
  })
})
