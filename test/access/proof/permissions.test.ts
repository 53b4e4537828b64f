import { GetSuppressedDestinationCommand, ListConfigurationSetsCommand, SESv2Client } from '@aws-sdk/client-sesv2'
import { beforeAll, describe, expect, test } from 'vitest'
import { customerRoleOf, type RoleInput } from '../../../src/access/role/customer-role.ts'
import { grants } from '../../../src/access/session/customer-actions.ts'
import { CUSTOMER, failed, OURS, provenAccount, type Stack } from './proven-account.ts'

const ofSes = grants.flatMap(({ commands }) => commands).filter((command) => command.startsWith('ses:'))
/** They cannot be tried without doing them. */
const untried = ['ses:SendEmail', 'ses:PutEmailIdentityConfigurationSetAttributes']
const tried = ofSes.filter((command) => !untried.includes(command))

/** What else cannot be told when this is missing. */
const basesOf: Readonly<Record<string, string>> = {
  'ses:DeleteConfigurationSet': 'ses:CreateConfigurationSet',
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
  const connect = (features?: RoleInput['features']) => stack.connect(`acme-${count++}`, features && { features })
  const ses = () => new SESv2Client(stack.aws.clientConfig(stack.aws.credentials.root(CUSTOMER)))

  test.each(tried)('that lacks %s is not stored, and the statement to paste has it', async (action) => {
    const { guest, roleArn } = await connect()
    const Policies = customerRoleOf(guest, OURS).Policies.map(({ PolicyName, PolicyDocument }) => ({
      PolicyName,
      PolicyDocument: {
        ...PolicyDocument,
        Statement: PolicyDocument.Statement.map((one) => ({
          ...one,
          Action: one.Action?.filter((granted) => granted !== action),
        })).filter(({ Action }) => Action?.length),
      },
    }))
    stack.makeRole(guest, { Policies })
    const proof = await stack.attach(guest.project, roleArn)
    expect(proof).toMatchObject({ attached: false, conclusion: 'failed' })
    expect(failed(proof)).toMatchObject([{ layer: 'permissions' }])
    const [{ step, found, paste } = { step: '', found: '', paste: '' }] = failed(proof)
    expect(step).toMatch(new RegExp(`: ${action}$`))
    expect(found).toContain(
      `the role may not do ${action} in the customer's account: no identity-based policy allows it`,
    )
    expect(paste).toContain(`"${action}"`)
    expect(paste).toContain('"Effect": "Allow"')
    const rests = proof.steps.filter(({ found: said }) => said === `not tried without ${action}`)
    expect(rests.map(({ step: name }) => name.split(' ').at(-1))).toEqual(basesOf[action] ? [basesOf[action]] : [])
    expect(proof.questions[1]).toMatchObject({ answer: 'no', because: `not so: ${step}` })
  })

  test.each(untried)(
    'cannot be tried for %s without doing it, which is said and does not count against it',
    async (action) => {
      const { guest, roleArn } = await connect()
      stack.makeRole(guest)
      const proof = await stack.attach(guest.project, roleArn)
      expect(proof.attached).toBe(true)
      expect(proof.steps.find(({ step }) => step.endsWith(action))).toMatchObject({
        verdict: 'unknown',
        found: expect.stringMatching(/^not tried: /),
      })
    },
  )

  test('with a boundary that takes a permission away is told to look there', async () => {
    const { guest, roleArn } = await connect()
    stack.makeRole(guest, {
      PermissionsBoundary: {
        Version: '2012-10-17',
        Statement: [
          { Effect: 'Allow', Action: '*', Resource: '*' },
          { Effect: 'Deny', Action: 'ses:PutSuppressedDestination', Resource: '*' },
        ],
      },
    })
    const proof = await stack.attach(guest.project, roleArn)
    expect(failed(proof)).toMatchObject([
      {
        step: 'suppression: ses:PutSuppressedDestination',
        found: expect.stringMatching(/permissions boundary denies it. Look for it there/),
      },
    ])
  })

  test('is asked for no more than the connection’s features', async () => {
    const { guest, roleArn } = await connect(['reading'])
    stack.makeRole(guest)
    const proof = await stack.attach(guest.project, roleArn)
    expect(proof.attached).toBe(true)
    const skipped = proof.steps.filter(({ verdict, layer }) => verdict === 'skipped' && layer === 'permissions')
    expect(skipped.map(({ step }) => step.split(':')[0])).toEqual(['suppression', 'sending', 'configuration'])
    expect(proof.steps.some(({ step }) => step.startsWith('suppression: ses:'))).toBe(false)
  })

  test('that sees one identity only is tried with that one', async () => {
    await stack.identity('a-first.example')
    const { guest, roleArn } = await connect(['reading'])
    const { Policies } = customerRoleOf(guest, OURS)
    stack.makeRole(guest, {
      Policies: JSON.parse(JSON.stringify(Policies).replace('identity/*', 'identity/acme.example')),
    })
    expect(failed(await stack.attach(guest.project, roleArn))).toEqual([])
  })

  test('is as it was after the proof: nothing is on the list, no configuration set is left', async () => {
    const { guest, roleArn } = await connect()
    stack.makeRole(guest)
    await stack.attach(guest.project, roleArn)
    const left = ses().send(
      new GetSuppressedDestinationCommand({ EmailAddress: 'sesame-proof@simulator.amazonses.com' }),
    )
    await expect(left).rejects.toThrow(/does not exist/)
    const { ConfigurationSets } = await ses().send(new ListConfigurationSetsCommand({}))
    expect(ConfigurationSets).toEqual([])
    expect([...stack.aws.ses.account(CUSTOMER).accountList.keys()]).toEqual([])
  })

  test('of an account in the sandbox passes, and what that means for its list is said', async () => {
    const account = stack.aws.ses.account(CUSTOMER)
    account.productionAccess = false
    const { guest, roleArn } = await connect()
    stack.makeRole(guest)
    const proof = await stack.attach(guest.project, roleArn)
    account.productionAccess = true
    expect(proof.attached).toBe(true)
    expect(proof.steps.find(({ step }) => step.endsWith('PutSuppressedDestination'))).toMatchObject({
      verdict: 'unknown',
      found: expect.stringMatching(/sandbox/),
    })
  })

  test('whose sessions end before an hour is not stored, and the command to paste mends it', async () => {
    const { guest, roleArn } = await connect(['reading'])
    stack.makeRole(guest)
    const role = stack.aws.roles.byArn(roleArn)
    if (!role) throw new Error('the role is there')
    role.maxSessionSeconds = 1_800
    const proof = await stack.attach(guest.project, roleArn)
    expect(failed(proof)).toMatchObject([
      {
        layer: 'duration',
        found: expect.stringMatching(/STS refused a session of 3600 s: it is more than the MaxSessionDuration/),
        paste: `aws iam update-role --role-name ${role.name} --max-session-duration 3600`,
      },
    ])
    expect(proof).toMatchObject({
      attached: false,
      questions: [{ answer: 'yes' }, { answer: 'yes' }, { answer: 'no' }],
    })
  })

  test('of an account without an identity passes: there is none to be read', async () => {
    const other = await provenAccount()
    const { guest, roleArn } = await other.connect('acme', { features: ['reading'] })
    other.makeRole(guest)
    const proof = await other.attach('acme', roleArn)
    expect(proof.attached).toBe(true)
    expect(proof.steps.find(({ step }) => step.endsWith('GetEmailIdentity'))).toMatchObject({ verdict: 'unknown' })
  })
})
