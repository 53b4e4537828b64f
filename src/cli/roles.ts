/**
 * `sesame roles list | usage | explain | can | compare | public`: the roles of the stack, their use, and what each may do and why.
 *
 * CloudTrail records who assumed a role, not the calls of the session. So this command finds unused roles but not unused grants. The
 * tests of iam/ prove that the code needs every grant.
 */
import { type Command, Option } from 'commander'
import { probingRoles } from '../audit/intended-uses.ts'
import type { Use } from '../audit/uses.ts'
import { concurrently } from '../concurrently.ts'
import { readRoleFiles } from '../template/role-files.ts'
import { dayMs } from '../time.ts'
import type { CommandContext } from './command-context.ts'
import { type OutputOptions, positiveNumber, withOutputOption } from './common-options.ts'
import { exitCodes, exitWith } from './exit-codes.ts'
import { explainRole } from './explain-role.ts'
import { settingsOf } from './global-options.ts'
import { type Column, printOne, printRows } from './output.ts'
import { registerRoleProofs } from './role-proofs.ts'
import type { StackAccess } from './stack.ts'
import { wrapped } from './text-width.ts'
import { UsageError } from './usage-error.ts'

const defaultDays = 30
const queriesAtOnce = 8

type ListedRole = { readonly role: string; readonly title: string }
type ExplainOptions = OutputOptions & { context: string[]; parameter: string[]; account: string; region: string }
type Explained = {
  readonly role: string
  readonly action: string
  readonly resource: string
  readonly allowed: boolean
  readonly lines: readonly string[]
}

type RoleRow = {
  readonly role: string
  readonly title: string
  readonly lastUse?: Date | undefined
  readonly uses: number
  /** Refused attempts of a proof, which tries wrong external ids: the refusal is the result that it expects. */
  readonly refusedInProofs: number
  readonly refused: number
  readonly unexpected: number
}

const listColumns: readonly Column<RoleRow>[] = [
  ['role', ({ title }) => title],
  ['last use', ({ lastUse }) => lastUse ?? '-'],
  [`uses in ${defaultDays} days`, ({ uses }) => uses],
  ['refused', ({ refused }) => refused],
  ['refused in proofs', ({ refusedInProofs }) => refusedInProofs],
  ['unexpected', ({ unexpected }) => unexpected],
  ['', ({ uses }) => (uses === 0 ? 'unused' : '')],
]

const usageColumns: readonly Column<Use>[] = [
  ['when', ({ at }) => at.toISOString().slice(0, 19).replace('T', ' ')],
  ['who', ({ by }) => by],
  ['from', ({ from }) => from ?? '-'],
  ['session', ({ session }) => session ?? '-'],
  ['for', (use) => (use.project === undefined ? (use.function ?? '-') : `${use.project}, to ${use.purpose}`)],
  ['outcome', ({ refused, event }) => refused ?? (event === undefined ? 'many refusals' : 'allowed')],
  ['', ({ verdict, why }) => (verdict === 'unexpected' ? `unexpected: ${why}` : '')],
]

const explainColumns: readonly Column<Explained>[] = [
  ['role', ({ role }) => role],
  ['action', ({ action }) => action],
  ['resource', ({ resource }) => resource],
  ['allowed', ({ allowed }) => String(allowed)],
  ['explanation', ({ lines }) => lines.join('; ')],
]

export function registerRoles(program: Command, context: CommandContext): void {
  const { stack, print, now, width } = context
  const roles = program.command('roles').description('show the roles of the stack, who used them, and what each may do')

  /** The uses of a role in the last `days` days, oldest first. One day is added, in case our clock is behind CloudTrail's. */
  async function recentUses({ uses }: StackAccess, role: string, days: number): Promise<Use[]> {
    const from = new Date(now().getTime() - days * dayMs)
    const to = new Date(now().getTime() + dayMs)
    return Array.fromAsync(uses.ofRole(role, from, to))
  }

  withOutputOption(roles.command('list', { isDefault: true }))
    .description(
      `list our roles and those of connected customers, with the last use and the uses in ${defaultDays} days`,
    )
    .action(async (options: OutputOptions) => {
      const access = stack()
      const ours = readRoleFiles().roles.map(({ name }) => ({ role: name, title: name }))
      const theirs = (await access.connections.all())
        .flatMap(({ project, roleArn }) =>
          roleArn === undefined ? [] : [{ role: roleArn, title: `${project}: ${roleArn}` }],
        )
        .sort((a, b) => (a.title < b.title ? -1 : 1))
      const rows: RoleRow[] = []
      await concurrently([...ours, ...theirs].entries(), queriesAtOnce, async ([i, listed]) => {
        rows[i] = rowOf(listed, await recentUses(access, listed.role, defaultDays))
      })
      await printRows(context, options, { columns: listColumns, rows, none: '' })
      if (options.output === 'table')
        await print(
          'An unused role can be removed, unless CloudTrail does not reach this stack. CloudTrail does not record what a session did.',
        )
    })

  withOutputOption(roles.command('usage <role>'))
    .description(
      "list the sessions of a role, latest first; name our roles by their file, a customer's role by project or ARN",
    )
    .option('--days <n>', 'number of days to look back', positiveNumber, defaultDays)
    .action(async (name: string, { days, ...options }: OutputOptions & { days: number }) => {
      const access = stack()
      const isRole = name.startsWith('arn:') || readRoleFiles().roles.some((role) => role.name === name)
      const role = isRole ? name : (await access.connections.find(name))?.roleArn
      if (role === undefined)
        throw new UsageError(`No role and no connected project has the name ${name}. List them with sesame roles`)
      const rows = (await recentUses(access, role, days)).reverse()
      await printRows(context, options, { columns: usageColumns, rows, none: `No use of ${name} in ${days} days.` })
    })

  withOutputOption(roles.command('explain <role> <action> <resource>'))
    .description(
      'explain whether a role may make a call and which statement decides; reads the role files, not AWS; exits with 3 if it is denied',
    )
    .option('--context <key=value...>', 'condition keys of the request; give a key twice for two values', [])
    .option('--parameter <name=value...>', 'parameters of a role that is offered as a template', [])
    .option('--account <id>', 'our account', '123456789012')
    .addOption(
      new Option('--region <name>', 'our region').default(
        process.env.AWS_REGION ?? 'us-east-1',
        'AWS_REGION, or us-east-1',
      ),
    )
    .action(async (role: string, action: string, resource: string, options: ExplainOptions, command: Command) => {
      const { stage } = settingsOf(command, process.env)
      const { context: keys, parameter: parameters, account, region } = options
      const found = explainRole({ role, action, resource, stage, context: keys, parameters, account, region })
      if (!found.allowed) exitWith(exitCodes.no)
      const text = found.lines.flatMap((line) => (width === undefined ? [line] : wrapped(line, width))).join('\n')
      await printOne(context, options, { columns: explainColumns, row: { role, action, resource, ...found }, text })
    })

  registerRoleProofs(roles, context)
}

const isProof = ({ refused, by }: Use): boolean =>
  refused !== undefined && probingRoles.some((role) => by === `role ${role}`)

function rowOf({ role, title }: ListedRole, found: readonly Use[]): RoleRow {
  const single = found.filter(({ event }) => event !== undefined)
  const allowed = single.filter(({ refused }) => refused === undefined)
  const refusedInProofs = single.filter(isProof).length
  return {
    role,
    title,
    lastUse: allowed.at(-1)?.at,
    uses: allowed.length,
    refused: single.length - allowed.length - refusedInProofs,
    refusedInProofs,
    unexpected: found.filter(({ verdict }) => verdict === 'unexpected').length,
  }
}
