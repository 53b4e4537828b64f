/** The workshop of docs/embedded-aws.md: a customer is connected by hand, somebody loosens the role, and Sesame stops using it. */
import { CloudFormationClient, CreateStackCommand, DescribeStacksCommand } from '@aws-sdk/client-cloudformation'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { GetRoleCommand, IAMClient, UpdateAssumeRolePolicyCommand } from '@aws-sdk/client-iam'
import { beforeAll, expect, test } from 'vitest'
import { customerAccessText } from '../../../src/access/role/customer-access.ts'
import { parametersOf } from '../../../src/access/role/customer-role.ts'
import { createConnections } from '../../../src/projects/connections.ts'
import { OURS, provenAccount, type Stack } from '../../access/proof/proven-account.ts'

const account = '777788889999'

let stack: Stack
let iam: IAMClient
let RoleName: string
beforeAll(async () => {
  stack = await provenAccount()
  await stack.identity('initech.example', account)
  const config = stack.aws.clientConfig(stack.aws.credentials.root(account))
  iam = new IAMClient(config)
  const { roleInput } = await stack.connect('initech', { account })
  const parameters = parametersOf(roleInput, OURS)
  const cloudformation = new CloudFormationClient(config)
  const StackName = 'sesame-initech'
  await cloudformation.send(
    new CreateStackCommand({
      StackName,
      TemplateBody: customerAccessText(),
      Capabilities: ['CAPABILITY_NAMED_IAM'],
      Parameters: Object.entries(parameters).map(([ParameterKey, ParameterValue]) => ({
        ParameterKey,
        ParameterValue,
      })),
    }),
  )
  const { Stacks } = await cloudformation.send(new DescribeStacksCommand({ StackName }))
  const roleArn = Stacks?.[0]?.Outputs?.[0]?.OutputValue ?? ''
  RoleName = roleArn.split('/').at(-1) ?? ''
  expect(await stack.attach('initech', roleArn)).toMatchObject({ attached: true })
})

const state = async () => {
  const root = new DynamoDBClient(stack.aws.clientConfig(stack.aws.credentials.root(OURS)))
  return (await createConnections(root, 'sesame-dev-projects').find('initech'))?.state
}
const setTrust = (PolicyDocument: string) => iam.send(new UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument }))

test('a role that somebody loosens by hand is quarantined within a day, and restored within a day after the repair', async () => {
  const { Role } = await iam.send(new GetRoleCommand({ RoleName }))
  const trust = decodeURIComponent(Role?.AssumeRolePolicyDocument ?? '')
  const document = JSON.parse(trust)
  for (const statement of document.Statement) delete statement.Condition
  const day = async () => {
    for (let hours = 0; hours < 25; hours++) await stack.hour()
  }
  expect(await state()).toBe('proven')
  await setTrust(JSON.stringify(document))
  await day()
  expect(await state()).toBe('quarantined')
  await setTrust(trust)
  await day()
  expect(await state()).toBe('proven')
}, 60_000)
