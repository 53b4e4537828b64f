import { GetSuppressedDestinationCommand, ListConfigurationSetsCommand, SESv2Client } from '@aws-sdk/client-sesv2'
import { beforeAll, describe, expect, test } from 'vitest'
import { customerRoleOf, type RoleInput } from '../../../src/access/role/customer-role.ts'
import { grants } from '../../../src/access/session/customer-actions.ts'
import { features as all } from '../../../src/projects/connection.ts'
import { CUSTOMER, failed, OURS, provenAccount, type Stack } from './proven-account.ts'

const ofSes = grants.flatMap(({ commands }) => commands).filter((command) => command.startsWith('ses:'))
/** These cannot be tried without their effect. */
const untried = [
  'ses:SendEmail',
  'ses:PutEmailIdentityConfigurationSetAttributes',
  'ses:CreateEmailIdentity',
  'ses:PutEmailIdentityMailFromAttributes',
]
const tried = ofSes.filter((command) => !untried.includes(command))

/** The trial that is inconclusive if this permission is missing. */
const dependentOf: Readonly<Record<string, string>> = {
  'ses:DeleteConfigurationSet': 'ses:CreateConfigurationSet',
  'ses:DeleteEmailTemplate': 'ses:CreateEmailTemplate',
  'ses:DeleteSuppressedDestination': 'ses:PutSuppressedDestination',
  'ses:ListEmailIdentities': 'ses:GetEmailIdentity',
}

describe('a role', () => {
  let stack: Stack
  beforeAll(async () => {
    stack = await provenAccount()
    await stack.identity()
  })
  let count = 0
  const connect = (features: RoleInput['features'] = all) => stack.connect(`acme-${count++}`, { features })
  const ses = () => new SESv2Client(stack.aws.clientConfig(stack.aws.credentials.root(CUSTOMER)))

  test.each(tried)('a role that lacks %s is not stored, and the statement to paste contains it', async (action) => {
    const { roleInput, roleArn } = await connect()
    const Policies = customerRoleOf(roleInput, OURS).Policies.map(({ PolicyName, PolicyDocument }) => ({
      PolicyName,
      PolicyDocument: {
        ...PolicyDocument,
        Statement: PolicyDocument.Statement.map((one) => ({
          ...one,
          Action: one.Action?.filter((granted) => granted !== action),
        })).filter(({ Action }) => Action?.length),
      },
    }))
    stack.makeRole(roleInput, { Policies })
    const proof = await stack.attach(roleInput.project, roleArn)
    expect(proof).toMatchObject({ attached: false, conclusion: 'failed' })
    expect(failed(proof)).toMatchObject([{ layer: 'permissions' }])
    const [{ step, found, paste } = { step: '', found: '', paste: '' }] = failed(proof)
    expect(step).toMatch(new RegExp(`: ${action} is not allowed$`))
    expect(found).toContain(
      `the role may not do ${action} in the customer's account: no identity-based policy allows it`,
    )
    expect(paste).toContain(`"${action}"`)
    expect(paste).toContain('"Effect": "Allow"')
    const rests = proof.steps.filter(({ found: said }) => said === `not tried without ${action}`)
    expect(rests.map(({ step: name }) => name.split(' ').at(-1))).toEqual(
      dependentOf[action] ? [dependentOf[action]] : [],
    )
    expect(proof.questions[1]).toMatchObject({ answer: 'no', because: step })
  })

  test.each(untried)(
    'a role passes although %s cannot be tried without its effect, which the proof says',
    async (action) => {
      const { roleInput, roleArn } = await connect(all.filter((feature) => feature !== 'inspection'))
      stack.makeRole(roleInput)
      const proof = await stack.attach(roleInput.project, roleArn)
      expect(proof.attached).toBe(true)
      expect(proof.steps.find(({ step }) => step.endsWith(action))).toMatchObject({
        verdict: 'unknown',
        found: expect.stringMatching(/^not tried: /),
      })
    },
  )

  test('a permissions boundary that denies a permission is named as the policy to change', async () => {
    const { roleInput, roleArn } = await connect()
    stack.makeRole(roleInput, {
      PermissionsBoundary: {
        Version: '2012-10-17',
        Statement: [
          { Effect: 'Allow', Action: '*', Resource: '*' },
          { Effect: 'Deny', Action: 'ses:PutSuppressedDestination', Resource: '*' },
        ],
      },
    })
    const proof = await stack.attach(roleInput.project, roleArn)
    expect(failed(proof)).toMatchObject([
      {
        step: 'suppression: ses:PutSuppressedDestination is not allowed',
        found: expect.stringMatching(/permissions boundary denies it. Change that policy/),
      },
    ])
  })

  test('a role needs only the permissions of the connection’s features', async () => {
    const { roleInput, roleArn } = await connect(['reading'])
    stack.makeRole(roleInput)
    const proof = await stack.attach(roleInput.project, roleArn)
    expect(proof.attached).toBe(true)
    const skipped = proof.steps.filter(({ verdict, layer }) => verdict === 'skipped' && layer === 'permissions')
    expect(skipped.map(({ step }) => step.split(':')[0])).toEqual([
      'suppression',
      'sending',
      'configuration',
      'inspection',
    ])
    expect(proof.steps.some(({ step }) => step.startsWith('suppression: ses:'))).toBe(false)
  })

  test('a role that may read one identity only passes', async () => {
    await stack.identity('a-first.example')
    const { roleInput, roleArn } = await connect(['reading'])
    const { Policies } = customerRoleOf(roleInput, OURS)
    stack.makeRole(roleInput, {
      Policies: JSON.parse(JSON.stringify(Policies).replace('identity/*', 'identity/acme.example')),
    })
    expect(failed(await stack.attach(roleInput.project, roleArn))).toEqual([])
  })

  test('the proof leaves no address on the account list and no configuration set', async () => {
    const { roleInput, roleArn } = await connect()
    stack.makeRole(roleInput)
    await stack.attach(roleInput.project, roleArn)
    const found = ses().send(
      new GetSuppressedDestinationCommand({ EmailAddress: 'sesame-proof@simulator.amazonses.com' }),
    )
    await expect(found).rejects.toThrow(/does not exist/)
    const { ConfigurationSets } = await ses().send(new ListConfigurationSetsCommand({}))
    expect(ConfigurationSets).toEqual([])
    expect([...stack.aws.ses.account(CUSTOMER).templates.keys()]).toEqual([])
    expect([...stack.aws.ses.account(CUSTOMER).accountList.keys()]).toEqual([])
  })

  test('a role in a sandbox account passes, and the proof says that SES keeps no list for it', async () => {
    const account = stack.aws.ses.account(CUSTOMER)
    account.productionAccess = false
    const { roleInput, roleArn } = await connect()
    stack.makeRole(roleInput)
    const proof = await stack.attach(roleInput.project, roleArn)
    account.productionAccess = true
    expect(proof.attached).toBe(true)
    expect(proof.steps.find(({ step }) => step.endsWith('PutSuppressedDestination'))).toMatchObject({
      verdict: 'unknown',
      found: expect.stringMatching(/sandbox/),
    })
  })

  test('a role whose sessions are shorter than an hour is not stored, and the command to paste repairs it', async () => {
    const { roleInput, roleArn } = await connect(['reading'])
    stack.makeRole(roleInput)
    const role = stack.aws.roles.byArn(roleArn)
    if (!role) throw new Error('The role does not exist')
    role.maxSessionSeconds = 1_800
    const proof = await stack.attach(roleInput.project, roleArn)
    expect(failed(proof)).toMatchObject([
      {
        layer: 'duration',
        found: expect.stringMatching(
          /STS rejected a session duration of 3600 s: the MaxSessionDuration of the role is shorter/,
        ),
        paste: `aws iam update-role --role-name ${role.name} --max-session-duration 3600`,
      },
    ])
    expect(proof).toMatchObject({
      attached: false,
      questions: [{ answer: 'yes' }, { answer: 'yes' }, { answer: 'no' }],
    })
  })

  test('a role in an account without an identity passes', async () => {
    const other = await provenAccount()
    const { roleInput, roleArn } = await other.connect('acme', { features: ['reading'] })
    other.makeRole(roleInput)
    const proof = await other.attach('acme', roleArn)
    expect(proof.attached).toBe(true)
    expect(proof.steps.find(({ step }) => step.endsWith('GetEmailIdentity'))).toMatchObject({ verdict: 'unknown' })
  })
})
