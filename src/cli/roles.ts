/**
 * `sesame roles`: which roles there are, how they are used, and what each may do and why.
 *
 * CloudTrail tells who opened sessions, not what was done in them: so unused roles are found here, unused grants are not. Which grants
 * the code needs at all is what the tests of iam/ prove.
 */
import type { Command } from 'commander'
import type { Use } from '../audit/uses.ts'
import { readRoleFiles } from '../template/role-files.ts'
import { columnsOf } from './columns.ts'
import { explainRole } from './explain-role.ts'
import type { Open } from './open.ts'

const days = 30
const dayMs = 24 * 3_600_000

type Named = { readonly role: string; readonly title: string }

export function registerRoles(program: Command, { stack, print, now }: Open): void {
  const roles = program.command('roles').description('the roles of the stack: who used which, and what each may do')

  roles
    .command('list', { isDefault: true })
    .description(`our roles and those of connected customers, with their last use and how often in ${days} days`)
    .action(async () => {
      const { connections, uses } = stack()
      const ours = readRoleFiles().roles.map(({ name }) => ({ role: name, title: name }))
      const theirs = (await connections.all()).flatMap(({ project, roleArn }) =>
        roleArn === undefined ? [] : [{ role: roleArn, title: `${project}: ${roleArn}` }],
      )
      const to = new Date(now().getTime() + dayMs)
      const from = new Date(now().getTime() - days * dayMs)
      const rows = await Promise.all(
        [...ours, ...theirs].map(async (one: Named) => rowOf(one, await collected(uses.ofRole(one.role, from, to)))),
      )
      const heading = ['role', 'last use', `uses in ${days} days`, 'refused', 'unexpected', '']
      print(columnsOf([heading, ...rows]))
      print(
        'A role without uses can go, or CloudTrail does not reach this stack. What was done in a session is not known here.',
      )
    })

  roles
    .command('usage <role>')
    .description(
      "the sessions of a role, the latest first: one of ours by its file's name, a customer's by project or ARN",
    )
    .option('--days <n>', 'how far to look back', String(days))
    .option('--json', 'one JSON object a use', false)
    .action(async (name: string, options: { days: string; json: boolean }) => {
      const { connections, uses } = stack()
      const isOurs = name.startsWith('arn:') || readRoleFiles().roles.some((role) => role.name === name)
      const role = isOurs ? name : (await connections.find(name))?.roleArn
      if (role === undefined)
        throw new Error(`There is no role ${name}, nor a connected project of that name: see sesame roles`)
      const to = new Date(now().getTime() + dayMs)
      const from = new Date(now().getTime() - Number(options.days) * dayMs)
      const found = (await collected(uses.ofRole(role, from, to))).reverse()
      if (options.json) for (const use of found) print(JSON.stringify(use))
      else if (found.length === 0) print(`No use of ${name} in ${options.days} days.`)
      else print(columnsOf([['when', 'who', 'from', 'session', 'for', 'outcome', ''], ...found.map(cellsOf)]))
    })

  roles
    .command('explain <role> <action> <resource>')
    .description('whether a role may do it, and which statement says so or fails: from the role files, without AWS')
    .option('--context <key=value...>', 'condition keys of the request; a key given twice has two values', [])
    .option('--account <id>', 'our account', '123456789012')
    .option('--region <name>', 'our region', process.env.AWS_REGION ?? 'us-east-1')
    .action((role: string, action: string, resource: string, options: Place & { context: string[] }) => {
      const { stage } = program.opts<{ stage?: string }>()
      const { allowed, lines } = explainRole({ role, action, resource, stage: stage ?? 'dev', ...options })
      for (const line of lines) print(line)
      if (!allowed) process.exitCode = 1
    })
}

type Place = { account: string; region: string }

async function collected(uses: AsyncGenerator<Use>): Promise<Use[]> {
  const all: Use[] = []
  for await (const use of uses) all.push(use)
  return all
}

function rowOf({ title }: Named, found: readonly Use[]): string[] {
  const uses = found.filter(({ event }) => event !== undefined)
  const opened = uses.filter(({ refused }) => refused === undefined)
  const unexpected = found.filter(({ verdict }) => verdict === 'unexpected').length
  const last = opened.at(-1)?.at.toISOString().slice(0, 16).replace('T', ' ')
  const note = opened.length === 0 ? 'unused' : ''
  const counts = [opened.length, uses.length - opened.length, unexpected].map(String)
  return [title, last ?? '-', ...counts, note]
}

function cellsOf(use: Use): string[] {
  const { at, by, from, session, project, purpose, refused, verdict, why } = use
  const aim = project === undefined ? (use.function ?? '-') : `${project}, to ${purpose}`
  const outcome = refused ?? (use.event === undefined ? 'refused often' : 'let in')
  const when = at.toISOString().slice(0, 19).replace('T', ' ')
  return [when, by, from ?? '-', session ?? '-', aim, outcome, verdict === 'unexpected' ? `unexpected: ${why}` : '']
}
