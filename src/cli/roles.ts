/**
 * `sesame roles list | usage | explain`: the roles of the stack, their use, and what each may do and why.
 *
 * CloudTrail records who assumed a role, not the calls of the session. So this command finds unused roles but not unused grants. The
 * tests of iam/ prove that the code needs every grant.
 */
import type { Command } from 'commander'
import type { Use } from '../audit/uses.ts'
import { readRoleFiles } from '../template/role-files.ts'
import { dayMs } from '../time.ts'
import { columnsOf, minuteOf } from './columns.ts'
import type { CommandContext } from './command-context.ts'
import { explainRole } from './explain-role.ts'
import type { StackAccess } from './stack.ts'

const defaultDays = 30

type ListedRole = { readonly role: string; readonly title: string }
type ExplainOptions = { context: string[]; account: string; region: string }

export function registerRoles(program: Command, { stack, print, now }: CommandContext): void {
  const roles = program.command('roles').description('show the roles of the stack, who used them, and what each may do')

  /** The uses of a role in the last `days` days, oldest first. One day is added, in case our clock is behind CloudTrail's. */
  async function recentUses({ uses }: StackAccess, role: string, days: number): Promise<Use[]> {
    const from = new Date(now().getTime() - days * dayMs)
    const to = new Date(now().getTime() + dayMs)
    return Array.fromAsync(uses.ofRole(role, from, to))
  }

  roles
    .command('list', { isDefault: true })
    .description(
      `list our roles and those of connected customers, with the last use and the uses in ${defaultDays} days`,
    )
    .action(async () => {
      const access = stack()
      const ours = readRoleFiles().roles.map(({ name }) => ({ role: name, title: name }))
      const theirs = (await access.connections.all()).flatMap(({ project, roleArn }) =>
        roleArn === undefined ? [] : [{ role: roleArn, title: `${project}: ${roleArn}` }],
      )
      const rows = await Promise.all(
        [...ours, ...theirs].map(async (listed) => rowOf(listed, await recentUses(access, listed.role, defaultDays))),
      )
      const heading = ['role', 'last use', `uses in ${defaultDays} days`, 'refused', 'unexpected', '']
      print(columnsOf([heading, ...rows]))
      print(
        'An unused role can be removed, unless CloudTrail does not reach this stack. CloudTrail does not record what a session did.',
      )
    })

  roles
    .command('usage <role>')
    .description(
      "list the sessions of a role, latest first; name our roles by their file, a customer's role by project or ARN",
    )
    .option('--days <n>', 'number of days to look back', String(defaultDays))
    .option('--json', 'print one JSON object per use')
    .action(async (name: string, { days, json }: { days: string; json?: true }) => {
      const access = stack()
      const isRole = name.startsWith('arn:') || readRoleFiles().roles.some((role) => role.name === name)
      const role = isRole ? name : (await access.connections.find(name))?.roleArn
      if (role === undefined)
        throw new Error(`No role and no connected project has the name ${name}. List them with sesame roles`)
      const uses = (await recentUses(access, role, Number(days))).reverse()
      if (json) for (const use of uses) print(JSON.stringify(use))
      else if (uses.length === 0) print(`No use of ${name} in ${days} days.`)
      else print(columnsOf([['when', 'who', 'from', 'session', 'for', 'outcome', ''], ...uses.map(cellsOf)]))
    })

  roles
    .command('explain <role> <action> <resource>')
    .description('explain whether a role may make a call and which statement decides; reads the role files, not AWS')
    .option('--context <key=value...>', 'condition keys of the request; give a key twice for two values', [])
    .option('--account <id>', 'our account', '123456789012')
    .option('--region <name>', 'our region', process.env.AWS_REGION ?? 'us-east-1')
    .action((role: string, action: string, resource: string, options: ExplainOptions) => {
      const { stage } = program.opts<{ stage?: string }>()
      const { allowed, lines } = explainRole({ role, action, resource, stage: stage ?? 'dev', ...options })
      for (const line of lines) print(line)
      if (!allowed) process.exitCode = 1
    })
}

function rowOf({ title }: ListedRole, found: readonly Use[]): string[] {
  const uses = found.filter(({ event }) => event !== undefined)
  const allowed = uses.filter(({ refused }) => refused === undefined)
  const unexpected = found.filter(({ verdict }) => verdict === 'unexpected').length
  const last = allowed.at(-1)
  const note = allowed.length === 0 ? 'unused' : ''
  const counts = [allowed.length, uses.length - allowed.length, unexpected].map(String)
  return [title, last ? minuteOf(last.at) : '-', ...counts, note]
}

function cellsOf(use: Use): string[] {
  const { at, by, from, session, project, purpose, refused, verdict, why } = use
  const target = project === undefined ? (use.function ?? '-') : `${project}, to ${purpose}`
  const outcome = refused ?? (use.event === undefined ? 'many refusals' : 'allowed')
  const when = at.toISOString().slice(0, 19).replace('T', ' ')
  return [when, by, from ?? '-', session ?? '-', target, outcome, verdict === 'unexpected' ? `unexpected: ${why}` : '']
}
