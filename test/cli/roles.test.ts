import { DynamoDBClient, PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Aws } from '../../local/aws.ts'
import { registerRoles } from '../../src/cli/roles.ts'
import { readRoleFiles } from '../../src/template/role-files.ts'
import { customersRole, enter, externalId, ours, roleOf, table, watchedAws } from '../audit/watched.ts'
import { assume, failure } from '../local/sign-in.ts'
import { run } from './operator.ts'

let aws: Aws
beforeAll(async () => {
  aws = await watchedAws()
  const propagate = (RoleSessionName: string, ExternalId: string) =>
    enter(aws, 'suppression-propagation', 'propagate-suppression', { RoleSessionName, ExternalId })
  await propagate('acme.suppress', externalId)
  aws.clock.advance(60_000)
  await propagate('acme.reinstate', externalId)
  aws.clock.advance(1_000)
  await failure(propagate('acme.suppress', 'wrong'))
  // The doctor tries wrong external ids.
  await failure(
    enter(aws, 'connection-probe', 'probe-connection', { RoleSessionName: 'acme.probe', ExternalId: 'wrong' }),
  )
  await aws.assumeAsService('lambda.amazonaws.com', roleOf('notification-handler'), 'sesame-dev-evil')
  await aws.settled()
})
const roles = async (...args: string[]) => run(aws, registerRoles, 'roles', ...args)
const cells = (line = '') => line.trim().split(/ {2,}/)

describe('sesame roles', () => {
  test('sesame roles lists our roles and those of connected customers with last use and counts, and marks unused roles', async () => {
    const { printed } = await roles()
    const lines = printed.split('\n').map(cells)
    expect(lines).toContainEqual(['suppression-propagation', '2026-03-04 05:07', '3', '0', '0', '0'])
    expect(lines).toContainEqual(['notification-handler', '2026-03-04 05:07', '1', '0', '0', '1'])
    expect(lines).toContainEqual(['connection-probe', '2026-03-04 05:07', '1', '0', '0', '0'])
    expect(lines).toContainEqual(['configuration-management', '-', '0', '0', '0', '0', 'unused'])
    expect(lines).toContainEqual([`acme: ${customersRole}`, '2026-03-04 05:07', '2', '1', '1', '0'])
  })

  test('sesame roles counts the uses of the last 30 days only', async () => {
    const later = await watchedAws()
    await later.assumeAsService('lambda.amazonaws.com', roleOf('notification-handler'), 'sesame-dev-record-bounce')
    await later.settled()
    later.clock.advance(31 * 24 * 3_600_000)
    const { printed } = await run(later, registerRoles, 'roles')
    expect(printed.split('\n').map(cells)).toContainEqual(['notification-handler', '-', '0', '0', '0', '0', 'unused'])
  })

  test("sesame roles usage lists the uses of our role by its file and of a customer's role by project, latest first", async () => {
    const ours = (await roles('usage', 'notification-handler')).printed
    expect(ours).toMatch(/lambda\.amazonaws\.com +sesame-dev-evil +- +allowed +unexpected: unknown session name/)
    const theirs = (await roles('usage', 'acme')).printed.split('\n').map(cells)
    expect(theirs.slice(1).map((line) => line.slice(1))).toEqual([
      ['role connection-probe', '127.0.0.1', '-', '-', 'AccessDenied'],
      ['role suppression-propagation', '127.0.0.1', '-', '-', 'AccessDenied'],
      ['role suppression-propagation', '127.0.0.1', 'acme.reinstate', 'acme, to reinstate', 'allowed'],
      ['role suppression-propagation', '127.0.0.1', 'acme.suppress', 'acme, to suppress', 'allowed'],
    ])
  })

  test('sesame roles usage refuses a role that does not exist', async () => {
    await expect(roles('usage', 'nobody')).rejects.toThrow('No role and no connected project has the name nobody')
  })

  test('the operator role reads uses and may not write them', async () => {
    const session = await assume(aws, aws.credentials.root(ours), { RoleArn: roleOf('operator') })
    const dynamodb = new DynamoDBClient(aws.clientConfig(session))
    const read = new QueryCommand({
      TableName: table,
      KeyConditionExpression: '#role = :role',
      ExpressionAttributeNames: { '#role': 'role' },
      ExpressionAttributeValues: { ':role': { S: 'operator' } },
    })
    expect((await dynamodb.send(read)).Items).toBeDefined()
    const write = new PutItemCommand({ TableName: table, Item: { role: { S: 'operator' }, use: { S: 'x' } } })
    expect(await failure(dynamodb.send(write))).toMatchObject({ name: 'AccessDeniedException' })
  })
})

describe('sesame roles explain', () => {
  const update = ['notification-handler', 'dynamodb:UpdateItem', 'SuppressionsTable']
  const touching = (...attributes: string[]) => ['--context', ...attributes.map((one) => `dynamodb:Attributes=${one}`)]

  test('sesame roles explain names the statement that allows a call', async () => {
    const { printed, ok } = await roles('explain', ...update, ...touching('project', 'address', 'lastHard'))
    expect(printed).toBe(
      'allowed: KeepEvidenceInTheList of notification-handler allows dynamodb:UpdateItem on arn:aws:dynamodb:us-east-1:123456789012:table/sesame-dev-suppressions',
    )
    expect(ok).toBe(true)
  })

  test('sesame roles explain names the condition that fails and the file to change', async () => {
    const { printed, ok } = await roles('explain', ...update, ...touching('project', 'manual'))
    expect(printed).toMatch(
      /^denied: .*KeepEvidenceInTheList: dynamodb:Attributes is project, manual, expected ForAllValues:StringEquals/,
    )
    expect(printed).toContain('to allow the call, change iam/notification-handler.yml')
    expect(ok).toBe(false)
  })

  test('sesame roles explain evaluates the trust policy of the role in an AssumeRole call', async () => {
    const { printed } = await roles('explain', 'notification-handler', 'sts:AssumeRole', roleOf('operator'))
    expect(printed).toMatch(/^denied: /)
  })

  test('sesame roles explain says that another account must allow the call as well, and prints no external id', async () => {
    const assumeRole = ['configuration-management', 'sts:AssumeRole', customersRole]
    expect((await roles('explain', ...assumeRole)).printed).toMatch(/^denied: .*sts:ExternalId is absent/)
    const { printed } = await roles('explain', ...assumeRole, '--context', `sts:ExternalId=${externalId}`)
    expect(printed).toMatch(/^allowed: EnterCustomersAccountsWithTheExternalId/)
    expect(printed).toContain('account 111122223333 must allow the call as well')
    expect(printed).not.toContain(externalId)
  })

  test('sesame roles explain explains a role that is offered as a template, with the parameters that are given', async () => {
    const send = [
      'application-on-lambda',
      'ses:SendEmail',
      'arn:aws:ses:us-east-1:123456789012:configuration-set/sesame-acme',
    ]
    const without = await roles('explain', ...send)
    expect(without.code).toBe(3)
    expect(without.printed).toMatch(/evaluated without values of .*ConfigurationSet.*: add --parameter/)
    const withThem = await roles(
      'explain',
      ...send,
      '--parameter',
      'ConfigurationSet=sesame-acme',
      'Domain=acme.example',
      '--context',
      'ses:FromAddress=hello@acme.example',
    )
    expect(withThem.printed).toMatch(/^allowed: SendAsTheVerifiedDomain of application-on-lambda/)
    expect(withThem.code).toBe(0)
  })

  test('sesame roles explain explains every role of iam', async () => {
    const { templates, roles: deployed } = readRoleFiles()
    for (const { name } of [...templates, ...deployed])
      expect((await roles('explain', name, 'ses:PutSuppressedDestination', '*')).printed).toMatch(/^(allowed|denied): /)
  })

  test('sesame roles explain takes any text as the name of a condition key', async () => {
    const { printed } = await roles('explain', 'operator', 'sns:Publish', '*', '--context', '__proto__=1')
    expect(printed).toMatch(/^denied: /)
  })

  test.each([
    ['a word that is no action', ['operator', 'nope', '*'], 'nope is not an action'],
    ['an unknown role', ['nobody', 'sns:Publish', '*'], 'Role nobody does not exist'],
    ['an unknown resource', ['operator', 'sns:Publish', 'Nothing'], 'Nothing is neither an ARN nor a resource'],
    ['a malformed context', ['operator', 'sns:Publish', '*', '--context', 'x'], 'must have the form key=value'],
  ])('sesame roles explain refuses %s', async (_, args, message) => {
    await expect(roles('explain', ...args)).rejects.toThrow(message)
  })
})
