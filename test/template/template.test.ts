import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { startAws } from '../../local/aws.ts'
import { readTemplate, type Template } from '../../src/template/template.ts'
import { smallTemplate } from '../local/small-template.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

function read(source?: unknown, env: Record<string, string> = {}): Template {
  return readTemplate({
    root,
    stage: 'test',
    account: '123456789012',
    region: 'eu-west-1',
    endpoint: 'http://localhost:1',
    env,
    ...(source !== undefined && { source }),
  })
}

const withResource = (properties: object, more: object = {}) => ({
  service: 's',
  custom: { name: 'from-custom', list: ['a', 'b'] },
  resources: { Resources: { T: { Type: 'AWS::SNS::Topic', Properties: properties } }, ...more },
})

/** A property's value after variables and intrinsic functions are resolved. */
function property(value: unknown, env: Record<string, string> = {}): unknown {
  const template = read(withResource({ Value: value }), env)
  return template.resolve(template.resources.get('T')?.Properties.Value)
}

describe('the deployed files', () => {
  test('the deployed files contain no reference that cannot be resolved', () => {
    const template = read()
    for (const { Properties: properties } of template.resources.values()) {
      expect(JSON.stringify(template.resolve(properties))).not.toMatch(/\$\{(?!aws:PrincipalTag\/)|Fn::|"Ref"/)
    }
    expect([...template.functions.keys()]).toContain('record-bounce')
    const policy = JSON.stringify(template.resolve(template.resources.get('BouncesTopicPolicy')?.Properties))
    expect(policy).toContain('"aws:SourceAccount":"123456789012"')
  })

  test('the deployed files create the tables, topics, queues, functions and roles that they describe', async () => {
    const aws = await startAws({ root })
    expect(aws.functions.get('record-bounce')).toMatchObject({
      name: 'sesame-dev-record-bounce',
      handler: 'src/handlers/record-bounce.handler',
      roleArn: 'arn:aws:iam::123456789012:role/sesame/sesame-dev-us-east-1-notification-handler',
      environment: { SUPPRESSIONS_TABLE: 'sesame-dev-suppressions', PROJECTS_TABLE: 'sesame-dev-projects' },
      onFailureArn: 'arn:aws:sqs:us-east-1:123456789012:sesame-dev-record-bounce-dead-letters',
      maximumRetryAttempts: 2,
    })
    expect(await aws.dynamodb.items('sesame-dev-suppressions')).toEqual([])
    expect([...aws.sqs.queues.keys()]).toContain(
      'arn:aws:sqs:us-east-1:123456789012:sesame-dev-record-complaint-dead-letters',
    )
    const topic = aws.sns.topics.get('arn:aws:sns:us-east-1:123456789012:sesame-dev-bounces')
    expect(topic?.subscriptions).toMatchObject([
      {
        protocol: 'lambda',
        endpoint: aws.functions.get('record-bounce')?.arn,
        deadLetterArn: aws.functions.get('record-bounce')?.onFailureArn,
      },
    ])
  })
})

describe('a variable', () => {
  test('a variable is replaced in every place, and the text after a comma is its fallback', () => {
    expect(property('a-${sls:stage}-b')).toBe('a-test-b')
    expect(property('${self:custom.name}')).toBe('from-custom')
    expect(property('${self:custom.list}')).toEqual(['a', 'b'])
    expect(property("${env:NOT_SET, 'other'}")).toBe('other')
    expect(property("${env:SET, 'other'}", { SET: 'x,${sls:stage}' })).toBe('x,test')
    expect(property("${opt:nothing, env:NOTHING, ''}")).toBe('')
    expect(property('${opt:nothing, 5}')).toBe(5)
    expect(property('${opt:nothing, ${self:custom.name}}')).toBe('from-custom')
    expect(property('${aws:accountId}/${aws:region}')).toBe('123456789012/eu-west-1')
    expect(property('${file(package.json):name}')).toBe('sesame-ses')
  })

  test('a variable of CloudFormation is not replaced', () => {
    expect(property({ 'Fn::Sub': '${AWS::AccountId}:${T.TopicName}:${!literal}' })).toBe(
      '123456789012:s-test-T:${literal}',
    )
  })

  test.each([
    ['${env:NOT_SET}', 'env:NOT_SET'],
    ['${self:custom.absent}', 'self:custom.absent'],
    ['${ssm:/path}', 'ssm:/path'],
    ['${self:resources}', 'refer to themselves'],
    ['x${self:custom}', 'must be a string'],
    ['${env:OPEN', 'has no closing brace'],
  ])('a variable without a value is an error that names it: %s', (text, named) => {
    expect(() => property(text)).toThrow(named)
  })
})

describe('a template that cannot be deployed', () => {
  test.each([
    ['a reference to an unknown resource', withResource({ DisplayName: { Ref: 'Nobody' } }), 'Ref Nobody'],
    ['an unknown attribute', withResource({ DisplayName: { 'Fn::GetAtt': ['T', 'Nothing'] } }), 'T.Nothing'],
    [
      'an unknown type of resource',
      { service: 's', resources: { Resources: { B: { Type: 'AWS::EC2::Instance' } } } },
      'AWS::EC2::Instance',
    ],
    [
      'an unknown trigger',
      { service: 's', functions: { f: { handler: 'h', role: 'r', events: [{ http: 'GET /' }] } } },
      'f.events',
    ],
    [
      'a function without a role of the template',
      { service: 's', functions: { f: { handler: 'h', role: 'arn:aws:iam::1:role/x' } } },
      'role',
    ],
    [
      'a policy that IAM refuses',
      {
        ...smallTemplate,
        resources: {
          Resources: {
            R: { Type: 'AWS::IAM::Role', Properties: { AssumeRolePolicyDocument: { Statement: { Efect: 'Allow' } } } },
          },
        },
      },
      'Effect',
    ],
  ])('%s is an error that names it', async (_, template, named) => {
    await expect(startAws({ template })).rejects.toThrow(named)
  })

  test('a resource is left out if its condition is false', () => {
    const when = (wanted: string) =>
      read({
        service: 's',
        resources: [
          {
            Parameters: { Mail: { Type: 'String', Default: wanted } },
            Conditions: { Mailed: { 'Fn::Equals': [{ Ref: 'Mail' }, 'yes'] } },
          },
          { Resources: { T: { Type: 'AWS::SNS::Topic', Condition: 'Mailed' } } },
        ],
      }).resources.size
    expect([when('yes'), when('no')]).toEqual([1, 0])
  })
})
