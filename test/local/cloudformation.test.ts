/** CloudFormation with the requests that `aws cloudformation deploy` makes, in its order. */

import { readFileSync } from 'node:fs'
import {
  CloudFormationClient,
  CreateChangeSetCommand,
  CreateStackCommand,
  DeleteStackCommand,
  DescribeChangeSetCommand,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
  ExecuteChangeSetCommand,
  GetTemplateSummaryCommand,
  ListStacksCommand,
  UpdateStackCommand,
  waitUntilChangeSetCreateComplete,
  waitUntilStackCreateComplete,
} from '@aws-sdk/client-cloudformation'
import { GetRolePolicyCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Aws, startAws } from '../../local/aws.ts'
import { customerRoleOf } from '../../src/access/role/customer-role.ts'
import { assume, failure } from './sign-in.ts'
import { smallTemplate } from './small-template.ts'

const account = '777788889999'
const ours = '123456789012'
const externalId = '0123456789abcdef0123456789abcdef'
const onboarding = readFileSync(new URL('../../iam/customer-access.yml', import.meta.url), 'utf8')
const Capabilities = ['CAPABILITY_NAMED_IAM' as const]
const parameters = (values: Record<string, string>) =>
  Object.entries(values).map(([ParameterKey, ParameterValue]) => ({ ParameterKey, ParameterValue }))
const given = { SesameAccount: ours, ExternalIds: externalId, RoleName: 'sesame-initech' }

let aws: Aws
let cloudformation: CloudFormationClient
let iam: IAMClient
let stacks = 0
let StackName: string
beforeAll(async () => {
  aws = await startAws({ template: smallTemplate })
  const config = aws.clientConfig(aws.credentials.root(account))
  cloudformation = new CloudFormationClient(config)
  iam = new IAMClient(config)
})
beforeEach(() => {
  StackName = `stack-${++stacks}`
})

const roleName = () => `sesame-${StackName}`
const onboardingOf = (changed: Record<string, string> = {}) => ({
  StackName,
  TemplateBody: onboarding,
  Capabilities,
  Parameters: parameters({ ...given, RoleName: roleName(), ...changed }),
})
const describeStack = async () => (await cloudformation.send(new DescribeStacksCommand({ StackName }))).Stacks?.[0]
const role = (name = roleName()) => aws.roles.byArn(`arn:aws:iam::${account}:role/sesame/${name}`)

describe('aws cloudformation deploy', () => {
  const deploy = async (changed: Record<string, string> = {}, ChangeSetType: 'CREATE' | 'UPDATE' = 'CREATE') => {
    const ChangeSetName = `change-${++stacks}`
    await cloudformation.send(new CreateChangeSetCommand({ ...onboardingOf(changed), ChangeSetName, ChangeSetType }))
    return ChangeSetName
  }

  test('creates the role of the onboarding template, exactly as the proof of a connection expects it', async () => {
    expect(await failure(cloudformation.send(new DescribeStacksCommand({ StackName })))).toMatchObject({
      name: 'ValidationError',
      message: `Stack with id ${StackName} does not exist`,
    })
    const ChangeSetName = await deploy()
    expect(role()).toBeUndefined()
    expect(await describeStack()).toMatchObject({ StackStatus: 'REVIEW_IN_PROGRESS' })
    const waiter = { client: cloudformation, minDelay: 1, maxWaitTime: 5 }
    await waitUntilChangeSetCreateComplete(waiter, { StackName, ChangeSetName })
    await cloudformation.send(new ExecuteChangeSetCommand({ StackName, ChangeSetName }))
    await waitUntilStackCreateComplete(waiter, { StackName })
    const { Outputs } = (await describeStack()) ?? {}
    expect(Outputs).toMatchObject([{ OutputKey: 'RoleArn', OutputValue: role()?.arn }])
    const wanted = customerRoleOf(
      {
        project: StackName,
        account,
        region: 'us-east-1',
        externalId,
        features: ['reading', 'suppression', 'sending', 'configuration', 'inspection'],
      },
      ours,
    )
    const found = role()
    if (!found) throw new Error('the role is missing')
    expect(found.identity.map(({ document }) => document)).toEqual(wanted.Policies.map((one) => one.PolicyDocument))
    expect(aws.roles.trustOf(found).document).toEqual(wanted.AssumeRolePolicyDocument)
  })

  test('fails a change set that changes nothing, in the words that the AWS CLI looks for', async () => {
    await cloudformation.send(new CreateStackCommand(onboardingOf()))
    const ChangeSetName = await deploy({}, 'UPDATE')
    const answer = await cloudformation.send(new DescribeChangeSetCommand({ StackName, ChangeSetName }))
    expect(answer).toMatchObject({ Status: 'FAILED', ExecutionStatus: 'UNAVAILABLE' })
    expect(answer.StatusReason).toContain("The submitted information didn't contain changes.")
    const refused = await failure(cloudformation.send(new ExecuteChangeSetCommand({ StackName, ChangeSetName })))
    expect(refused.name).toBe('InvalidChangeSetStatusException')
  })

  test('changes a role in place: its id stays, a policy that is switched off goes, a second external id is added', async () => {
    await cloudformation.send(new CreateStackCommand(onboardingOf()))
    const before = role()
    const second = 'f'.repeat(32)
    const ChangeSetName = await deploy({ Sending: 'off', ExternalIds: `${externalId},${second}` }, 'UPDATE')
    await cloudformation.send(new ExecuteChangeSetCommand({ StackName, ChangeSetName }))
    expect(await describeStack()).toMatchObject({ StackStatus: 'UPDATE_COMPLETE' })
    const after = role()
    expect(after?.id).toBe(before?.id)
    expect(after?.identity.map(({ name }) => name).sort()).toEqual([
      'configuration',
      'inspection',
      'reading',
      'suppression',
    ])
    if (after) expect(JSON.stringify(aws.roles.trustOf(after))).toContain(second)
  })
})

test('a stack can be created from the link to the template, and not from a link to something that nobody may read', async () => {
  const deployed = await startAws()
  const client = new CloudFormationClient(deployed.clientConfig(deployed.credentials.root(account)))
  const bucket = [...deployed.s3.buckets].find(([name]) => name.includes('access'))
  expect(bucket).toBeDefined()
  const { LambdaClient, InvokeCommand } = await import('@aws-sdk/client-lambda')
  const { Payload } = await new LambdaClient(deployed.clientConfig(deployed.credentials.root(ours))).send(
    new InvokeCommand({
      FunctionName: 'sesame-dev-manage-connection',
      Payload: JSON.stringify({ by: 'ann', do: 'connect', project: 'initech', account }),
    }),
  )
  const [, encoded = ''] = /templateURL=([^&"]+)/.exec(Payload?.transformToString() ?? '') ?? []
  const TemplateURL = decodeURIComponent(encoded)
  const { TemplateBody: _, ...rest } = onboardingOf()
  expect(
    (await failure(client.send(new CreateStackCommand({ ...rest, TemplateURL: `${TemplateURL}.none` })))).message,
  ).toContain('the template cannot be read')
  await client.send(new CreateStackCommand({ ...rest, TemplateURL }))
  expect(deployed.roles.byArn(`arn:aws:iam::${account}:role/sesame/${roleName()}`)).toBeDefined()
})

test.each([
  ['a parameter that the template lacks', { Nonsense: 'x' }, 'do not exist in the template'],
  ['a value that does not match the pattern', { SesameAccount: '12' }, 'must match pattern'],
  ['one bad item of a list', { ExternalIds: `${externalId},XYZ` }, 'must match pattern'],
  ['a value that is not in the list', { Sending: 'maybe' }, 'must be one of AllowedValues'],
])('%s is refused, and nothing is created', async (_, changed, message) => {
  const refused = await failure(cloudformation.send(new CreateStackCommand(onboardingOf(changed))))
  expect(refused).toMatchObject({ name: 'ValidationError', message: expect.stringContaining(message) })
  expect(role()).toBeUndefined()
  await cloudformation.send(new CreateStackCommand(onboardingOf()))
  expect(role()).toBeDefined()
})

test.each([
  ['a missing capability', { Capabilities: [] }, 'InsufficientCapabilitiesException', 'CAPABILITY_NAMED_IAM'],
  ['a missing parameter', { Parameters: [] }, 'ValidationError', 'must have values'],
  ['a broken template', { TemplateBody: 'Resources: [' }, 'ValidationError', 'Template format error'],
  [
    'a resource that is no role',
    { TemplateBody: '{"Resources":{"B":{"Type":"AWS::S3::Bucket"}}}', Parameters: [] },
    'ValidationError',
    'B: the embedded AWS creates AWS::IAM::Role by template only, not AWS::S3::Bucket',
  ],
  [
    'a reference to nothing',
    {
      TemplateBody: '{"Resources":{"R":{"Type":"AWS::IAM::Role","Properties":{"Path":{"Ref":"No"}}}}}',
      Parameters: [],
    },
    'ValidationError',
    'No',
  ],
])('%s is refused by name', async (_, changed, name, message) => {
  const refused = await failure(cloudformation.send(new CreateStackCommand({ ...onboardingOf(), ...changed })))
  expect(refused).toMatchObject({ name, message: expect.stringContaining(message) })
})

test('a creation that fails is rolled back, with its reason', async () => {
  await cloudformation.send(new CreateStackCommand(onboardingOf()))
  const taken = roleName()
  StackName = `${StackName}-again`
  await cloudformation.send(new CreateStackCommand(onboardingOf({ RoleName: taken })))
  const reason = `Role with name ${taken} already exists.`
  expect(await describeStack()).toMatchObject({ StackStatus: 'ROLLBACK_COMPLETE', StackStatusReason: reason })
  const { StackEvents } = await cloudformation.send(new DescribeStackEventsCommand({ StackName }))
  expect(StackEvents?.map(({ ResourceStatus }) => ResourceStatus)).toEqual(['ROLLBACK_COMPLETE', 'CREATE_FAILED'])
  expect(role(taken)).toBeDefined()
})

test('a role whose name changes is replaced, and a deleted stack takes its role along, policies by hand included', async () => {
  await cloudformation.send(new CreateStackCommand(onboardingOf()))
  await cloudformation.send(new UpdateStackCommand(onboardingOf({ RoleName: `${roleName()}-2` })))
  expect(role()).toBeUndefined()
  const [RoleName, PolicyName] = [`${roleName()}-2`, 'by-hand']
  const document = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}'
  await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName, PolicyDocument: document }))
  await cloudformation.send(new DeleteStackCommand({ StackName }))
  expect(role(RoleName)).toBeUndefined()
  expect((await failure(cloudformation.send(new DescribeStacksCommand({ StackName })))).message).toContain('not exist')
  await cloudformation.send(new DeleteStackCommand({ StackName }))
})

test('short forms of functions mean what their long forms mean', async () => {
  const TemplateBody = `
Parameters: { Who: { Type: String, Default: lambda } }
Conditions: { Yes: !Equals [!Ref Who, lambda] }
Resources:
  Short:
    Type: AWS::IAM::Role
    Condition: Yes
    Properties:
      RoleName: !Join ['-', [!Ref AWS::StackName, !Select [1, !Split [',', 'a,b']]]]
      Path: !If [Yes, /yes/, /no/]
      AssumeRolePolicyDocument:
        Version: '2012-10-17'
        Statement: { Effect: Allow, Action: sts:AssumeRole, Principal: { Service: !Sub '\${Who}.amazonaws.com' } }
Outputs: { Arn: { Value: !GetAtt Short.Arn } }
`
  await cloudformation.send(new CreateStackCommand({ StackName, TemplateBody, Capabilities }))
  const arn = `arn:aws:iam::${account}:role/yes/${StackName}-b`
  expect((await describeStack())?.Outputs).toMatchObject([{ OutputValue: arn }])
  const found = aws.roles.byArn(arn)
  if (!found) throw new Error('the role is missing')
  expect(JSON.stringify(aws.roles.trustOf(found))).toContain('lambda.amazonaws.com')
  const summary = await cloudformation.send(new GetTemplateSummaryCommand({ StackName }))
  expect(summary.Parameters).toMatchObject([{ ParameterKey: 'Who', ParameterType: 'String', DefaultValue: 'lambda' }])
})

test('a caller needs the permissions of the roles too: who may create stacks only gets a stack that is rolled back', async () => {
  const inline = (Action: string[]) => [
    {
      PolicyName: 'p',
      PolicyDocument: { Version: '2012-10-17', Statement: { Effect: 'Allow', Action, Resource: '*' } },
    },
  ]
  const trust = {
    Version: '2012-10-17',
    Statement: { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${account}:root` }, Action: 'sts:AssumeRole' },
  }
  const clientWith = async (RoleName: string, actions: string[]) => {
    const { arn } = aws.roles.create(account, { RoleName, AssumeRolePolicyDocument: trust, Policies: inline(actions) })
    return new CloudFormationClient(
      aws.clientConfig(await assume(aws, aws.credentials.root(account), { RoleArn: arn })),
    )
  }
  const stacksOnly = await clientWith('stacks-only', ['cloudformation:*'])
  await stacksOnly.send(new CreateStackCommand(onboardingOf()))
  expect(await describeStack()).toMatchObject({
    StackStatus: 'ROLLBACK_COMPLETE',
    StackStatusReason: expect.stringContaining('is not authorized to perform: iam:CreateRole'),
  })
  await stacksOnly.send(new DeleteStackCommand({ StackName }))
  const nothing = await clientWith('reads-only', ['cloudformation:List*'])
  await nothing.send(new ListStacksCommand({}))
  expect((await failure(nothing.send(new CreateStackCommand(onboardingOf())))).name).toBe('AccessDenied')
  const both = await clientWith('stacks-and-roles', ['cloudformation:*', 'iam:*'])
  await both.send(new CreateStackCommand(onboardingOf()))
  expect(role()).toBeDefined()
  expect((await failure(iam.send(new GetRolePolicyCommand({ RoleName: roleName(), PolicyName: 'no' })))).name).toBe(
    'NoSuchEntityException',
  )
})

test('stacks of one account and region are unknown in another', async () => {
  await cloudformation.send(new CreateStackCommand(onboardingOf()))
  const elsewhere = [
    { ...aws.clientConfig(aws.credentials.root(account)), region: 'eu-west-1' },
    aws.clientConfig(aws.credentials.root('111122223333')),
  ]
  for (const config of elsewhere) {
    const client = new CloudFormationClient(config)
    expect((await failure(client.send(new DescribeStacksCommand({ StackName })))).message).toContain('does not exist')
  }
  expect(await describeStack()).toBeDefined()
})
