/**
 * `sesame export`: the suppression list of a project as CSV or NDJSON, which `sesame import` reads again. The same list gives the same text, in the
 * order of the addresses. It is printed as it is read, whatever its length.
 */
import { type Command, InvalidArgumentError, Option } from 'commander'
import { ImportDateError, readImportDate } from '../importing/read-date.ts'
import { type ExportRow, exportColumns, exportRowOf } from '../importing/sesame-format.ts'
import type { Project } from '../projects/project.ts'
import { wantedReasonOf } from '../propagation/account-entry.ts'
import { isTakenBySes } from '../propagation/ses-addresses.ts'
import { judge } from '../suppression/judge.ts'
import type { CommandContext } from './command-context.ts'
import { type Column, createRowPrinter } from './output.ts'
import { requireProject, type StackAccess } from './stack.ts'

type Options = {
  project: string
  output: 'csv' | 'ndjson' | 'json' | 'ses-import-job'
  reason?: string
  since?: Date
  state: 'suppressed' | 'clear' | 'all'
}

/** As they are typed: without a space. */
const reasons: Readonly<Record<string, string>> = {
  complaint: 'complaint',
  'hard-bounce': 'hard bounce',
  manual: 'manual',
  'soft-bounces': 'soft bounces',
}

const columns = exportColumns.map((name): Column<ExportRow> => [name, (row) => row[name]])

export function registerExport(program: Command, context: CommandContext): void {
  program
    .command('export')
    .description('print the suppression list of a project as a file that sesame import reads')
    .requiredOption('--project <project>', 'the project')
    .addOption(
      new Option(
        '--output <format>',
        'csv: for spreadsheets; ndjson: one object per line; ses-import-job: for CreateImportJob of SES',
      )
        .choices(['csv', 'ndjson', 'json', 'ses-import-job'])
        .default('csv'),
    )
    .addOption(new Option('--reason <reason>', 'only addresses whose reason is this one').choices(Object.keys(reasons)))
    .addOption(
      new Option('--state <state>', 'clear: addresses that were reinstated')
        .choices(['suppressed', 'clear', 'all'])
        .default('suppressed'),
    )
    .option('--since <date>', 'only rows since this date', (text) => sinceArgument(text, context.now()))
    .action(async ({ project: id, output, ...wanted }: Options) => {
      const access = context.stack()
      const project = await requireProject(access, id)
      if (output === 'ses-import-job') return printImportJob(context, access, project, wanted)
      const printer = createRowPrinter(context, { output: output === 'csv' ? 'csv' : 'json' }, columns)
      for await (const [address, record] of access.list.records(id)) {
        const row = exportRowOf(address, record, judge(record, project.rules, context.now()))
        if (row && isWanted(row, wanted)) await printer.add(row)
      }
      await printer.end('')
    })
}

/**
 * The lines that an import job of SES reads: an address and its reason, without a header. Only what the account list should have.
 * https://docs.aws.amazon.com/ses/latest/dg/sending-email-suppression-list.html
 */
async function printImportJob(
  { print, now }: CommandContext,
  { list }: StackAccess,
  { id, rules }: Project,
  wanted: Pick<Options, 'reason' | 'since'>,
): Promise<void> {
  for await (const [address, record] of list.records(id)) {
    const verdict = judge(record, rules, now())
    const reason = wantedReasonOf(verdict, record)
    const row = exportRowOf(address, record, verdict)
    // SES takes no quoted local part.
    if (reason && row && isTakenBySes(address) && isWanted(row, { ...wanted, state: 'suppressed' }))
      await print(`${address},${reason}`)
  }
}

const isWanted = (row: ExportRow, { state, reason, since }: Pick<Options, 'state' | 'reason' | 'since'>): boolean =>
  (state === 'all' || row.state === state) &&
  (reason === undefined || row.reason === reasons[reason]) &&
  (since === undefined || row.since >= since.toISOString())

function sinceArgument(text: string, now: Date): Date {
  try {
    return readImportDate(text, 0, now)
  } catch (error) {
    if (error instanceof ImportDateError)
      throw new InvalidArgumentError(`The date ${error.why}. Give it as 2026-03-01.`)
    throw error
  }
}
