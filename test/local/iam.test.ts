import {
  CreateRoleCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  IAMClient,
  ListAttachedRolePoliciesCommand,
  ListRolePoliciesCommand,
  ListRolesCommand,
  PutRolePolicyCommand,
  UpdateAssumeRolePolicyCommand,
  UpdateRoleCommand,
} from '@aws-sdk/client-iam'
import { ListEmailIdentitiesCommand, SESv2Client } from '@aws-sdk/client-sesv2'
import { beforeAll, beforeEach, expect, test } from 'vitest'
import { type Aws, startAws } from '../../local/aws.ts'
import { assume, failure } from './sign-in.ts'
import { smallTemplate } from './small-template.ts'

const account = '777788889999'
const trustIn = (principal: string) =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${principal}:root` }, Action: 'sts:AssumeRole' },
  })
const allowing = (action: string) =>
  JSON.stringify({ Version: '2012-10-17', Statement: { Effect: 'Allow', Action: action, Resource: '*' } })

let aws: Aws
let iam: IAMClient
let roles = 0
let RoleName: string
let RoleArn: string
beforeAll(async () => {
  aws = await startAws({ template: smallTemplate })
  iam = new IAMClient(aws.clientConfig(aws.credentials.root(account)))
})
beforeEach(async () => {
  RoleName = `role-${++roles}`
  const AssumeRolePolicyDocument = trustIn(account)
  const { Role } = await iam.send(new CreateRoleCommand({ RoleName, Path: '/some/path/', AssumeRolePolicyDocument }))
  RoleArn = Role?.Arn ?? ''
})

const identities = (credentials: Awaited<ReturnType<typeof assume>>) =>
  new SESv2Client(aws.clientConfig(credentials)).send(new ListEmailIdentitiesCommand({}))

test('a role that is created has its path, its id and its documents, encoded as IAM encodes them', async () => {
  const { Role } = await iam.send(new GetRoleCommand({ RoleName }))
  expect(Role).toMatchObject({
    Arn: `arn:aws:iam::${account}:role/some/path/${RoleName}`,
    Path: '/some/path/',
    RoleId: expect.stringMatching(/^AROA\w{17}$/),
    MaxSessionDuration: 3600,
  })
  expect(Role?.CreateDate).toBeInstanceOf(Date)
  const document = JSON.parse(decodeURIComponent(Role?.AssumeRolePolicyDocument ?? ''))
  expect(document.Statement[0].Principal.AWS).toEqual([`arn:aws:iam::${account}:root`])
})

test('a policy that is put or deleted applies to active sessions at once', async () => {
  const session = await assume(aws, aws.credentials.root(account), { RoleArn })
  expect((await failure(identities(session))).name).toBe('AccessDeniedException')
  const PolicyName = 'reading'
  await iam.send(
    new PutRolePolicyCommand({ RoleName, PolicyName, PolicyDocument: allowing('ses:ListEmailIdentities') }),
  )
  await identities(session)
  expect((await iam.send(new ListRolePoliciesCommand({ RoleName }))).PolicyNames).toEqual([PolicyName])
  const { PolicyDocument = '' } = await iam.send(new GetRolePolicyCommand({ RoleName, PolicyName }))
  expect(decodeURIComponent(PolicyDocument)).toContain('ses:ListEmailIdentities')
  await iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName }))
  expect((await failure(identities(session))).name).toBe('AccessDeniedException')
})

test('a changed trust policy decides about the next session', async () => {
  const enter = () => assume(aws, aws.credentials.root(account), { RoleArn })
  await enter()
  await iam.send(new UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument: trustIn('111122223333') }))
  expect((await failure(enter())).name).toBe('AccessDenied')
  await iam.send(new UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument: trustIn(account) }))
  await enter()
})

test('the duration of sessions can be changed, within the limits of IAM', async () => {
  const enter = (DurationSeconds: number) => assume(aws, aws.credentials.root(account), { RoleArn, DurationSeconds })
  expect((await failure(enter(7200))).name).toBe('ValidationError')
  await iam.send(new UpdateRoleCommand({ RoleName, MaxSessionDuration: 7200, Description: 'longer' }))
  await enter(7200)
  expect((await iam.send(new GetRoleCommand({ RoleName }))).Role).toMatchObject({ Description: 'longer' })
  const tooLong = iam.send(new UpdateRoleCommand({ RoleName, MaxSessionDuration: 50_000 }))
  expect((await failure(tooLong)).name).toBe('ValidationError')
})

test('a role with policies is not deleted, one without is', async () => {
  await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'p', PolicyDocument: allowing('ses:*') }))
  expect((await failure(iam.send(new DeleteRoleCommand({ RoleName })))).name).toBe('DeleteConflictException')
  await iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName: 'p' }))
  await iam.send(new DeleteRoleCommand({ RoleName }))
  expect(await failure(iam.send(new GetRoleCommand({ RoleName })))).toMatchObject({
    name: 'NoSuchEntityException',
    status: 404,
    message: `The role with name ${RoleName} cannot be found.`,
  })
})

test.each<[string, () => Promise<unknown>, string]>([
  [
    'a name that is taken, under another path too',
    () => iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: trustIn(account) })),
    'EntityAlreadyExistsException',
  ],
  [
    'a document that is not JSON',
    () => iam.send(new UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument: '{' })),
    'MalformedPolicyDocumentException',
  ],
  [
    'a document that is no policy',
    () => iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'p', PolicyDocument: '{"Statement":1}' })),
    'MalformedPolicyDocumentException',
  ],
  [
    'a policy that is missing',
    () => iam.send(new GetRolePolicyCommand({ RoleName, PolicyName: 'nope' })),
    'NoSuchEntityException',
  ],
])('%s is refused', async (_, call, name) => {
  expect((await failure(call())).name).toBe(name)
  await iam.send(new ListAttachedRolePoliciesCommand({ RoleName }))
})

test('roles of one account are invisible in another', async () => {
  const other = new IAMClient(aws.clientConfig(aws.credentials.root('111122223333')))
  expect((await failure(other.send(new GetRoleCommand({ RoleName })))).name).toBe('NoSuchEntityException')
  expect((await other.send(new ListRolesCommand({}))).Roles).toEqual([])
  expect((await iam.send(new ListRolesCommand({}))).Roles?.map((role) => role.RoleName)).toContain(RoleName)
})

test('IAM judges its own calls by the path of the role: who may change roles under one path may not under another', async () => {
  const PolicyDocument = JSON.stringify({
    Version: '2012-10-17',
    Statement: {
      Effect: 'Allow',
      Action: ['iam:PutRolePolicy', 'iam:CreateRole'],
      Resource: `arn:aws:iam::${account}:role/some/*`,
    },
  })
  await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'p', PolicyDocument }))
  const session = await assume(aws, aws.credentials.root(account), { RoleArn })
  const asRole = new IAMClient(aws.clientConfig(session))
  await asRole.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'q', PolicyDocument }))
  const elsewhere = { RoleName: `${RoleName}-x`, Path: '/other/', AssumeRolePolicyDocument: trustIn(account) }
  expect((await failure(asRole.send(new CreateRoleCommand(elsewhere)))).name).toBe('AccessDenied')
  await iam.send(new CreateRoleCommand(elsewhere))
  const change = asRole.send(
    new PutRolePolicyCommand({ RoleName: elsewhere.RoleName, PolicyName: 'p', PolicyDocument }),
  )
  expect((await failure(change)).name).toBe('AccessDenied')
})
