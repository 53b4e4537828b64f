/**
 * The customers of `npm start`, from the operator's first command to a proven connection. The operator's steps are `sesame` commands under
 * the operator's role. The customer's steps are calls by the administrator of the customer's account.
 */
import { CreateEmailIdentityCommand, SESv2Client } from '@aws-sdk/client-sesv2'
import { Command } from 'commander'
import { type CustomerRole, customerRoleOf } from '../../src/access/role/customer-role.ts'
import type { CommandContext } from '../../src/cli/command-context.ts'
import { registerCommands } from '../../src/cli/commands.ts'
import type { StackAccess } from '../../src/cli/stack.ts'
import type { Aws } from '../aws.ts'

/** Two customers with correct roles. Their accounts are those of the sample payloads in events/. */
export const customers = [
  { id: 'acme', account: '111122223333', domain: 'acme.example' },
  { id: 'globex', account: '444455556666', domain: 'globex.example' },
] as const
export type Customer = (typeof customers)[number]

/** A customer who removed the condition on the external id from the trust policy of the role. */
export const careless = { id: 'initech', account: '222233334444', domain: 'initech.example' } as const

type Party = Customer | typeof careless

/**
 * Adds the project, connects it, creates and attaches the role, and configures SES.
 * @returns whether the role was stored
 */
export async function joinSesame(
  aws: Aws,
  stack: StackAccess,
  party: Party,
  say: (text: string) => void,
): Promise<boolean> {
  const { id, account, domain } = party
  const sesame = createCommandRunner(aws, stack)
  await sesame('project', 'add', id, '--account', account, '--configuration-set', `sesame-${id}`)
  const onboarding = await sesame('connect', id, '--account', account)
  say(`$ sesame connect ${id} --account ${account}`)
  say(firstLines(onboarding))

  const administrator = new SESv2Client(aws.clientConfig(aws.credentials.root(account)))
  await administrator.send(new CreateEmailIdentityCommand({ EmailIdentity: domain }))
  const { arn } = await createRole(aws, stack, party)

  const checklist = await sesame('attach', id, arn)
  const attached = checklist.includes('is attached to')
  say(`\n$ sesame attach ${id} ${arn}`)
  say(attached && party !== customers[0] ? lastLines(checklist) : checklist)
  if (attached) await sesame('configure', id, '--by', 'npm start')
  return attached
}

/** The customer deploys iam/customer-access.yml. The careless customer edits it first. */
async function createRole(aws: Aws, stack: StackAccess, party: Party) {
  const connection = await stack.connections.find(party.id)
  if (!connection) throw new Error(`${party.id} has no connection after sesame connect`)
  const role = customerRoleOf(connection, aws.account)
  return aws.roles.create(party.account, party === careless ? withoutExternalId(role) : role)
}

function withoutExternalId(role: CustomerRole): CustomerRole {
  const { AssumeRolePolicyDocument: trust } = role
  const Statement = trust.Statement.map(({ Condition: _, ...statement }) => statement)
  return { ...role, AssumeRolePolicyDocument: { ...trust, Statement } }
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

const lastLines = (text: string): string => text.trimEnd().split('\n').slice(-5).join('\n').trim()
