/**
 * The customers of `npm start`, from the operator's first command to a proven connection: each step is the `sesame` command itself, under
 * the operator's role; what the customer does in its own account is done by that account's administrator.
 */
import { CreateEmailIdentityCommand, SESv2Client } from '@aws-sdk/client-sesv2'
import { Command } from 'commander'
import * as v from 'valibot'
import { type CustomerRole, customerRole } from '../../src/access/role/customer-role.ts'
import { registerConnect } from '../../src/cli/connect.ts'
import { registerDoctor } from '../../src/cli/doctor.ts'
import { manage } from '../../src/cli/invoke.ts'
import type { CommandContext } from '../../src/cli/command-context.ts'
import { registerProject } from '../../src/cli/project.ts'
import type { StackAccess } from '../../src/cli/stack.ts'
import type { Aws } from '../aws.ts'

/** Two as they should be; their accounts are those of the sample payloads in events/. */
export const customers = [
  { id: 'acme', account: '111122223333', domain: 'acme.example' },
  { id: 'globex', account: '444455556666', domain: 'globex.example' },
] as const
export type Customer = (typeof customers)[number]

/** One whose administrator left the condition with the external id out of the role's trust policy. */
export const careless = { id: 'initech', account: '222233334444', domain: 'initech.example' } as const

type Party = Customer | typeof careless
type Say = (line: string) => void

/** Adds the project, connects it, makes the role, attaches it, sets SES up. Answers whether the role was let in. */
export async function join(aws: Aws, stack: StackAccess, party: Party, say: Say): Promise<boolean> {
  const { id, account, domain } = party
  const sesame = commandsOf(aws, stack)
  await sesame('project', 'add', id, '--account', account, '--configuration-set', `sesame-${id}`)
  const toHandOver = await sesame('connect', id, '--account', account)
  say(`$ sesame connect ${id} --account ${account}`)
  say(firstLines(toHandOver))

  const administrator = new SESv2Client(aws.clientConfig(aws.credentials.root(account)))
  await administrator.send(new CreateEmailIdentityCommand({ EmailIdentity: domain }))
  const { arn } = await makeRole(aws, stack, party)

  const checklist = await sesame('attach', id, arn)
  const attached = checklist.includes('is attached to')
  say(`\n$ sesame attach ${id} ${arn}`)
  say(attached && party !== customers[0] ? lastLines(checklist) : checklist)
  if (attached) await manage(stack, { do: 'configure', by: 'npm start', project: id }, v.unknown())
  return attached
}

/** The customer deploys iam/customer-access.yml; the careless one edits it first. */
async function makeRole(aws: Aws, stack: StackAccess, party: Party) {
  const connection = await stack.connections.find(party.id)
  if (!connection) throw new Error(`${party.id} has no connection after sesame connect`)
  const role = customerRole(connection, aws.account)
  return aws.roles.create(party.account, party === careless ? withoutExternalId(role) : role)
}

function withoutExternalId(role: CustomerRole): CustomerRole {
  const { AssumeRolePolicyDocument: trust } = role
  const Statement = trust.Statement.map(({ Condition: _, ...statement }) => statement)
  return { ...role, AssumeRolePolicyDocument: { ...trust, Statement } }
}

/** Runs a `sesame` command and answers what it printed. */
function commandsOf(aws: Aws, stack: StackAccess) {
  return async (...args: string[]): Promise<string> => {
    const printed: string[] = []
    const open: CommandContext = { stack: () => stack, print: (line) => printed.push(line), now: () => aws.clock.now() }
    const program = new Command('sesame').exitOverride()
    for (const register of [registerProject, registerConnect, registerDoctor]) register(program, open)
    const code = process.exitCode
    await program.parseAsync(args, { from: 'user' })
    process.exitCode = code
    return printed.join('\n')
  }
}

/** The quick-create link is long, and the other two ways say the same. */
const firstLines = (text: string): string =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .slice(0, 4)
    .map((line) => (line.length > 160 ? `${line.slice(0, 160)}…` : line))
    .join('\n')

const lastLines = (text: string): string => text.trimEnd().split('\n').slice(-5).join('\n').trim()
