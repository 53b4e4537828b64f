/**
 * `sesame roles can | compare | public`: questions about the roles that are answered for all requests, not only for those that somebody
 * thought of. They read the role files and call no AWS service. docs/proofs.md says why the answers are exact.
 */
import type { Command } from 'commander'
import { requestText } from '../policy/questions/subject.ts'
import { suggestedActions } from '../policy/questions/suggested-actions.ts'
import { type Way, waysToUse } from '../policy/questions/ways.ts'
import { type PoliciesInForce, type RoleInForce, readPoliciesInForce } from '../template/policies-in-force.ts'
import type { Place } from '../template/template-bindings.ts'
import type { CommandContext } from './command-context.ts'
import { type OutputOptions, withOutputOption } from './common-options.ts'
import { exitCodes, exitWith } from './exit-codes.ts'
import { settingsOf } from './global-options.ts'
import { type Column, printRows } from './output.ts'
import { readPolicySource, repository } from './policy-sources.ts'
import { conditionText, type DifferenceRow, differencesOf, type OutsiderRow, outsidersOf } from './role-rows.ts'
import { UsageError } from './usage-error.ts'

type PlaceOptions = OutputOptions & { account: string; region: string; parameter: string[] }
type CanOptions = PlaceOptions & { action: string[]; resource: string[]; when: string[] }

type WayRow = {
  readonly statement: string
  readonly action: string
  readonly on: string
  readonly if: string
  readonly example: string
}

const wayColumns: readonly Column<WayRow>[] = [
  ['statement', ({ statement }) => statement],
  ['action', ({ action }) => action],
  ['on', ({ on }) => on],
  ['only if', (row) => row.if],
  ['for example', ({ example }) => example],
]
const differenceColumns: readonly Column<DifferenceRow>[] = [
  ['role', ({ role }) => role],
  ['change', ({ change }) => change],
  ['action', ({ action }) => action],
  ['by', ({ statement }) => statement],
  ['for example', ({ example }) => example],
]
const outsiderColumns: readonly Column<OutsiderRow>[] = [
  ['who', ({ who }) => who],
  ['may', ({ may }) => may],
  ['on', ({ where }) => where],
  ['only if', (row) => row.if],
  ['by', ({ statement }) => statement],
]

export function registerRoleProofs(roles: Command, context: CommandContext): void {
  const { print } = context

  withPlace(withOutputOption(roles.command('can <role>')))
    .description('list all ways in which a role may do something, for all requests; exits with 3 if there is none')
    .option('--action <pattern...>', 'actions, such as dynamodb:* (default: all)', ['*'])
    .option('--resource <pattern...>', 'resources, as ARNs with wildcards (default: all)', ['*'])
    .option('--when <key=value...>', 'condition keys that have this value in every request', [])
    .action(async (name: string, options: CanOptions, command: Command) => {
      const role = roleCalled(readPoliciesInForce(repository, placeOf(options, command)), name)
      const when = pairsOf(options.when, '--when')
      const { ways, judged } = waysToUse(role, {
        actions: options.action,
        resources: options.resource,
        when,
        suggestedActions,
      })
      if (ways.length === 0) exitWith(exitCodes.no)
      const because =
        judged === 0 ? 'no statement allows such an action and resource' : `${judged} classes of requests were judged`
      const none = `${name} may not do this, whatever the request: ${because}.`
      await printRows(context, options, { columns: wayColumns, rows: ways.map(wayRow), none })
    })

  withPlace(withOutputOption(roles.command('compare <base> <head>')))
    .description(
      'list what a change newly allows and no longer allows, for all requests; name checkouts, git revisions, templates, role files or policies; exits with 3 if something is newly allowed',
    )
    .action(async (base: string, head: string, options: PlaceOptions, command: Command) => {
      const place = placeOf(options, command)
      const rows = differencesOf(readPolicySource(base, place), readPolicySource(head, place))
      if (rows.some(({ change }) => change === 'newly allowed')) exitWith(exitCodes.no)
      await printRows(context, options, {
        columns: differenceColumns,
        rows,
        none: `No role of ${head} may do more or less than in ${base}, whatever the request.`,
      })
    })

  withPlace(withOutputOption(roles.command('public')))
    .description('list who outside the account may assume a role, publish, send or invoke, for all requests')
    .action(async (options: PlaceOptions, command: Command) => {
      const policies = readPoliciesInForce(repository, placeOf(options, command))
      const { rows, judged } = outsidersOf(policies)
      await printRows(context, options, { columns: outsiderColumns, rows, none: 'Nobody outside the account.' })
      if (options.output === 'table')
        await print(
          `Nobody else outside account ${policies.account}, whatever the request: ${policies.roles.length} roles and ${policies.resources.length} resource policies, ${judged} classes of requests.`,
        )
    })
}

const withPlace = (command: Command): Command =>
  command
    .option('--parameter <name=value...>', 'parameters of roles that are offered as templates', [])
    .option('--account <id>', 'our account', '123456789012')
    .option('--region <name>', 'our region', process.env.AWS_REGION ?? 'us-east-1')

function placeOf({ account, region, parameter }: PlaceOptions, command: Command): Place {
  const { stage } = settingsOf(command, process.env)
  const parameters = Object.fromEntries(
    Object.entries(pairsOf(parameter, '--parameter')).map(([name, value]) => [name, [value].flat().join(',')]),
  )
  return { stage, account, region, parameters, env: process.env }
}

/** `key=value` texts; a key that is given twice has two values. @throws UsageError */
function pairsOf(given: readonly string[], option: string): Record<string, string | string[]> {
  const pairs: Record<string, string | string[]> = {}
  for (const entry of given) {
    const [, key, value] = /^([^=]+)=(.*)$/s.exec(entry) ?? []
    if (key === undefined || value === undefined) throw new UsageError(`${option} ${entry} is not KEY=VALUE`)
    const known = pairs[key]
    pairs[key] = known === undefined ? value : [known, value].flat()
  }
  return pairs
}

function roleCalled({ roles }: PoliciesInForce, name: string): RoleInForce {
  const found = roles.find((role) => role.name === name)
  if (found) return found
  throw new UsageError(`Role ${name} does not exist. The roles are: ${roles.map((role) => role.name).join(', ')}`)
}

const wayRow = ({ statement, action, example }: Way): WayRow => ({
  statement: statement.Sid ?? '-',
  action,
  on: (statement.Resource ?? statement.NotResource?.map((one) => `not ${one}`) ?? []).join(', '),
  if: conditionText(statement),
  example: requestText(example, false),
})
