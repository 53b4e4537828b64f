/**
 * `sesame import`: brings the suppressions of another provider, or of an export of Sesame, into the list of a project. docs/import.md
 */
import { createReadStream } from 'node:fs'
import { basename, dirname, resolve } from 'node:path'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { formatIds } from '../importing/formats.ts'
import { ImportDateError, readImportDate } from '../importing/read-date.ts'
import { optionalRows, readImport } from '../importing/read-import.ts'
import { ImportRecordedAnswer } from '../operations/answers.ts'
import type { CommandContext } from './command-context.ts'
import { listedOf, type OutputOptions, withByOption, withOutputOption } from './common-options.ts'
import { exitCodes, exitWith } from './exit-codes.ts'
import { openCheckpoint } from './import-checkpoint.ts'
import { type FileWork, type ImportCounts, importFile } from './import-file.ts'
import { importColumns, importText } from './import-report.ts'
import { InputError, problemOf } from './input.ts'
import { manage } from './invoke.ts'
import { createRowPrinter } from './output.ts'
import { createRejectedRows } from './rejected-rows.ts'
import { requireProject, type StackAccess } from './stack.ts'
import { UsageError } from './usage-error.ts'

type Options = OutputOptions & {
  project: string
  format?: string
  include?: string[]
  date?: Date
  utcOffset?: number
  dryRun?: true
  rejected: string
  by: string
}

export function registerImport(program: Command, context: CommandContext): void {
  withOutputOption(withByOption(program.command('import <files...>')))
    .description('import suppressions of another provider, or an export of sesame; - reads standard input')
    .requiredOption('--project <project>', 'the project whose list takes them')
    .option('--dry-run', 'show what would be imported without writing anything to the list')
    .addOption(
      new Option(
        '--format <format>',
        'the form of the files, if it does not follow from the names of the columns',
      ).choices(formatIds),
    )
    .option(
      '--include <rows>',
      `also import rows that are left out by default: ${optionalRows.join(', ')}`,
      listedOf(optionalRows),
    )
    .option(
      '--date <date>',
      'the date of rows without one; by default such a row never overrules a ruling',
      dateArgument(context),
    )
    .option(
      '--utc-offset <offset>',
      'the offset of times that name no zone, such as +02:00 (default: UTC)',
      offsetArgument,
    )
    .option('--rejected <file>', 'where the rows are written that are not imported', 'rejected.csv')
    .action(async (files: string[], options: Options) => {
      if (files.some((file) => resolve(file) === resolve(options.rejected)))
        throw new UsageError(
          `${options.rejected} is imported and would be overwritten. Name another file with --rejected`,
        )
      const access = context.stack()
      await requireProject(access, options.project)
      const printer = createRowPrinter(context, options, importColumns)
      const rejected = createRejectedRows(options.rejected)
      try {
        for (const file of files) {
          const counts = await importOne(context, access, file, options, rejected)
          if (counts.rejected > 0) exitWith(exitCodes.failed)
          if (options.output === 'table')
            await context.print(importText(counts, options.dryRun === true, rejected.path))
          else await printer.add({ file, counts })
        }
      } finally {
        await rejected.end()
      }
      if (options.output !== 'table') await printer.end('')
    })
}

async function importOne(
  context: CommandContext,
  access: StackAccess,
  file: string,
  { project, format, include = [], date, utcOffset = 0, dryRun: isDryRun, by }: Options,
  rejected: FileWork['rejected'],
): Promise<ImportCounts> {
  const now = access.rulings.serverTime(context.now())
  const dryRun = isDryRun === true
  try {
    const opened = await readImport(file === '-' ? process.stdin : createReadStream(file), {
      fileName: basename(file),
      format,
      include: new Set(include),
      offsetMinutes: utcOffset,
      now,
    })
    if (!opened) throw new UsageError(`${file} is empty`)
    const settings = [access.functionName('manage-connection'), project, opened.format.id, include, date, utcOffset]
    const checkpoint = await openCheckpoint(file, dirname(rejected.path), settings)
    const { rulings } = access
    const { progress } = context
    const work = { file, project, opened, dryRun, date, begunAt: now, rulings, rejected, checkpoint, progress }
    const counts = await importFile(work)
    if (!dryRun) await finish(access, { project, by, counts })
    if (!dryRun) await checkpoint.remove()
    return counts
  } catch (error) {
    throw inputErrorOf(file, error)
  }
}

/** One event for all rows. An import that changed nothing is no news. Idempotent in effect: a repeated event has the same id. */
async function finish(
  access: StackAccess,
  { project, by, counts }: { project: string; by: string; counts: ImportCounts },
): Promise<void> {
  const { format, begunAt, recorded, unchanged, leftOut, rejected } = counts
  if (recorded === 0) return
  const left = Object.values(leftOut).reduce((sum, one) => sum + one, 0)
  const facts = { source: format.source, begunAt: begunAt.toISOString(), recorded, unchanged, leftOut: left, rejected }
  await manage(access, { do: 'record-import', by, project, ...facts }, ImportRecordedAnswer)
}

/** An error of the file system says which file it is about. */
function inputErrorOf(file: string, error: unknown): unknown {
  const isOfSystem =
    error instanceof Error && 'code' in error && /^(E[A-Z]+|Z_\w+)$/.test(String(error.code)) && 'errno' in error
  return isOfSystem ? new InputError(file, `${file} ${problemOf(error)}`) : error
}

const dateArgument =
  ({ now }: CommandContext) =>
  (text: string): Date => {
    try {
      return readImportDate(text, 0, now())
    } catch (error) {
      if (error instanceof ImportDateError)
        throw new InvalidArgumentError(`The date ${error.why}. Give it as 2026-03-01.`)
      throw error
    }
  }

/** `+02:00` → 120 */
function offsetArgument(text: string): number {
  const [found, sign, hours, minutes] = /^([+-])(\d{2}):?(\d{2})$/.exec(text) ?? []
  if (found === undefined || Number(hours) > 14 || Number(minutes) > 59)
    throw new InvalidArgumentError('Give an offset such as +02:00 or -05:00.')
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes))
}
