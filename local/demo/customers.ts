/**
 * The customers of `npm start`, from the operator's first command to a proven connection. The operator's steps are `sesame` commands under
 * the operator's role. The customer's steps are calls by the administrator of the customer's account, as the AWS CLI would make them.
 */
import { readFileSync } from 'node:fs'
import { CloudFormationClient, CreateStackCommand } from '@aws-sdk/client-cloudformation'
import { GetRoleCommand, IAMClient, UpdateAssumeRolePolicyCommand } from '@aws-sdk/client-iam'
import { CreateEmailIdentityCommand, SESv2Client } from '@aws-sdk/client-sesv2'
import { Command } from 'commander'
import * as v from 'valibot'
import { parametersOf } from '../../src/access/role/customer-role.ts'
import type { CommandContext } from '../../src/cli/command-context.ts'
import { registerCommands } from '../../src/cli/commands.ts'
import type { StackAccess } from '../../src/cli/stack.ts'
import { features } from '../../src/projects/connection.ts'
import type { Aws } from '../aws.ts'

/** Two customers with correct roles. Their accounts are those of the sample payloads in events/. The first allows every feature. */
export const customers = [
  { id: 'acme', account: '111122223333', domain: 'acme.example' },
  { id: 'globex', account: '444455556666', domain: 'globex.example' },
] as const
export type Customer = (typeof customers)[number]

/** A customer who removed the condition on the external id from the trust policy of the role. */
export const careless = { id: 'hooli', account: '222233334444', domain: 'hooli.example' } as const

/** An account with SES that nobody has connected, to try the connection by hand. */
export const newcomer = { id: 'initech', account: '777788889999', domain: 'initech.example' } as const

type Party = Customer | typeof careless

/** What the operator saw, and whether the role was stored. */
export type Joined = {
  readonly party: Party
  readonly attached: boolean
  readonly printed: string
  readonly reason: string
}

/** Adds the project, connects it, creates and attaches the role, and configures SES. */
export async function joinSesame(aws: Aws, stack: StackAccess, party: Party): Promise<Joined> {
  const { id, account } = party
  const sesame = createCommandRunner(aws, stack)
  await sesame('project', 'add', id, '--account', account, '--configuration-set', `sesame-${id}`)
  const connect = ['connect', id, '--account', account, ...(id === 'acme' ? ['--features', features.join()] : [])]
  const onboarding = await sesame(...connect)
  await prepareSes(aws, party)
  const arn = await createRole(aws, stack, party)
  const checklist = await sesame('attach', id, arn)
  const attached = checklist.includes('is attached to')
  if (attached) {
    await sesame('project', 'set', id, '--activity', 'engagement')
    await sesame('configure', id, '--by', 'npm start')
  }
  const printed = [
    `$ sesame ${connect.join(' ')}`,
    firstLines(onboarding),
    `\n$ sesame attach ${id} ${arn}`,
    checklist,
  ].join('\n')
  return { party, attached, printed, reason: (/^✗ *(.*)$/m.exec(checklist)?.[1] ?? '').replace(/ {2,}/g, ': ') }
}

/** The customer has verified a domain. */
export async function prepareSes(aws: Aws, { account, domain }: Party | typeof newcomer): Promise<void> {
  const ses = new SESv2Client(aws.clientConfig(aws.credentials.root(account)))
  await ses.send(new CreateEmailIdentityCommand({ EmailIdentity: domain }))
}

/** The customer deploys iam/customer-access.yml as it is. The careless customer loosens the role afterwards. @returns the role's ARN */
async function createRole(aws: Aws, stack: StackAccess, party: Party): Promise<string> {
  const connection = await stack.connections.find(party.id)
  if (!connection) throw new Error(`${party.id} has no connection after sesame connect`)
  const parameters = parametersOf(connection, aws.account)
  const config = aws.clientConfig(aws.credentials.root(party.account))
  await new CloudFormationClient(config).send(
    new CreateStackCommand({
      StackName: `sesame-${party.id}`,
      TemplateBody: readFileSync(new URL('../../iam/customer-access.yml', import.meta.url), 'utf8'),
      Capabilities: ['CAPABILITY_NAMED_IAM'],
      Parameters: Object.entries(parameters).map(([ParameterKey, ParameterValue]) => ({
        ParameterKey,
        ParameterValue,
      })),
    }),
  )
  const iam = new IAMClient(config)
  const RoleName = parameters.RoleName
  const { Role } = await iam.send(new GetRoleCommand({ RoleName }))
  if (party === careless) {
    const PolicyDocument = withoutConditions(Role?.AssumeRolePolicyDocument ?? '')
    await iam.send(new UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument }))
  }
  return Role?.Arn ?? ''
}

const Trust = v.looseObject({ Statement: v.array(v.looseObject({})) })

function withoutConditions(encoded: string): string {
  const { Statement, ...rest } = v.parse(Trust, JSON.parse(decodeURIComponent(encoded)))
  return JSON.stringify({ ...rest, Statement: Statement.map(({ Condition: _, ...statement }) => statement) })
}

/** Returns a function that runs a `sesame` command and returns what the command printed. */
function createCommandRunner(aws: Aws, stack: StackAccess) {
  return async (...args: string[]): Promise<string> => {
    const printed: string[] = []
    const context: CommandContext = {
      stack: () => stack,
      print: (text) => printed.push(text),
      now: () => aws.clock.now(),
    }
    const program = new Command('sesame').exitOverride()
    registerCommands(program, context)
    const exitCode = process.exitCode
    await program.parseAsync(args, { from: 'user' })
    process.exitCode = exitCode
    return printed.join('\n')
  }
}

/** The first lines, up to the link. The command and the Terraform text describe the same role. */
const firstLines = (text: string): string =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .slice(0, 4)
    .map((line) => (line.length > 160 ? `${line.slice(0, 160)}…` : line))
    .join('\n')
