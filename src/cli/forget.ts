/**
 * `sesame forget`: erases a person in all projects, and says what is erased where, what expires by itself, and what nobody but others can erase.
 *
 * The function forget-address erases (src/operations/erasure.ts). It works in slices. Without `--yes`, nothing is changed.
 */
import type { Command } from 'commander'
import type * as v from 'valibot'
import { normaliseAddress } from '../intake/address.ts'
import { ErasureAnswer } from '../operations/answers.ts'
import type { CommandContext } from './command-context.ts'
import { listed, type OutputOptions, userName, withOutputOption } from './common-options.ts'
import { type ForgetReport, forgetRowsOf } from './forget-report.ts'
import { requestOperation } from './invoke.ts'
import { type Column, printRows } from './output.ts'
import type { StackAccess } from './stack.ts'
import { UsageError } from './usage-error.ts'

type Options = OutputOptions & {
  readonly yes?: true
  readonly keepHash?: true
  readonly keepAccountLists?: true
  readonly project?: readonly string[]
}
type Row = ReturnType<typeof forgetRowsOf>[number]

const columns: readonly Column<Row>[] = [
  ['what', ({ what }) => what],
  ['project', ({ project }) => project],
  ['outcome', ({ outcome }) => outcome],
  ['items', ({ items }) => items],
  ['until', ({ until }) => until],
  ['note', ({ note }) => note],
]

export function registerForget(program: Command, context: CommandContext): void {
  withOutputOption(program.command('forget <address>'))
    .description('erase a person everywhere; without --yes, show what would be erased')
    .option('--yes', 'erase; this cannot be undone')
    .option('--keep-hash', 'keep a keyed hash of the address, which still refuses mail to it')
    .option('--keep-account-lists', 'leave the address on the suppression lists of SES accounts; needs --keep-hash')
    .option('--project <projects...>', 'only in these projects, which may have been removed', listed)
    .action((address: string, options: Options) => forget(context, address, options))
}

async function forget(context: CommandContext, given: string, options: Options): Promise<void> {
  const { yes, keepHash = false, keepAccountLists = false, project: projects } = options
  if (keepAccountLists && !keepHash)
    throw new UsageError(
      '--keep-account-lists needs --keep-hash: without a hash, the next reconcile brings the address back',
    )
  const request = {
    address: normaliseAddress(given),
    keepHash,
    accountList: keepAccountLists ? 'keep' : 'remove',
    preview: yes === undefined,
    ...(projects && { projects }),
  } as const
  const report = await everySlice(context, context.stack(), request)
  const rows = forgetRowsOf({ ...report, request }, context.now())
  await printRows(context, options, { columns, rows, none: '' })
  if (request.preview && options.output === 'table')
    await context.print('Nothing was erased. To erase what is listed, add --yes. This cannot be undone.')
}

/** Asks until everything was seen, and adds the slices up. */
async function everySlice(
  { progress }: CommandContext,
  access: StackAccess,
  request: Omit<ForgetReport['request'], never>,
): Promise<Omit<ForgetReport, 'request'>> {
  type Slice = v.InferOutput<typeof ErasureAnswer>
  const projects = new Map<string, Slice['projects'][number]>()
  const letters: ForgetReport['letters'] = { erased: [], kept: [] }
  let after: string | undefined
  do {
    const slice: Slice = await requestOperation(
      access,
      'forget-address',
      { do: 'erase', by: userName(), ...request, ...(after !== undefined && { after }) },
      ErasureAnswer,
    )
    for (const one of slice.projects) projects.set(one.project, sumOf(projects.get(one.project), one))
    letters.erased.push(...slice.letters.erased)
    letters.kept.push(...slice.letters.kept)
    progress?.(`${projects.size} projects done`)
    after = slice.next
  } while (after !== undefined)
  return { projects: [...projects.values()], letters }
}

type OfProject = ForgetReport['projects'][number]

const sumOf = (before: OfProject | undefined, one: OfProject): OfProject =>
  before === undefined
    ? one
    : {
        ...before,
        suppressions: before.suppressions + one.suppressions,
        expiries: before.expiries + one.expiries,
        activity: before.activity + one.activity,
        answers: before.answers + one.answers,
      }
