/**
 * `sesame check`: the verdict on addresses. Its exit code answers a script: 0 if all may be mailed, 3 if one is suppressed.
 */
import type { Command } from 'commander'
import { normaliseAddress } from '../intake/address.ts'
import { judge } from '../suppression/judge.ts'
import { recordOf, rulingsOf } from '../suppression/read-list.ts'
import { type AddressReport, addressReportText, evidenceText, reasonText, rulingText } from './address-report.ts'
import type { CommandContext } from './command-context.ts'
import { type OutputOptions, withOutputOption } from './common-options.ts'
import { exitCodes, exitWith } from './exit-codes.ts'
import { type Column, printOne } from './output.ts'
import { requireProject } from './stack.ts'

const columns: readonly Column<AddressReport>[] = [
  ['project', ({ project }) => project],
  ['address', ({ address }) => address],
  ['state', ({ verdict }) => verdict.state],
  ['reason', ({ verdict }) => reasonText(verdict)],
  ['since', ({ verdict }) => (verdict.state === 'clear' ? undefined : verdict.since)],
  ['until', ({ verdict }) => (verdict.state === 'clear' ? undefined : verdict.until)],
  ['evidence', ({ verdict }) => evidenceText(verdict)],
  ['rulings', ({ rulings }) => rulings.map(rulingText).join('; ')],
]

export function registerCheck(program: Command, context: CommandContext): void {
  const { stack, now } = context
  withOutputOption(program.command('check <project> <addresses...>'))
    .description('show whether addresses may be mailed, and why; exits with 3 if one is suppressed')
    .action(async (project: string, given: string[], options: OutputOptions) => {
      const addresses = given.map((text) => normaliseAddress(text))
      const access = stack()
      const { rules } = await requireProject(access, project)
      for (const address of addresses) {
        const items = await access.list.itemsOf(project, address)
        const row = { project, address, verdict: judge(recordOf(items), rules, now()), rulings: rulingsOf(items) }
        if (row.verdict.state === 'suppressed') exitWith(exitCodes.no)
        const text = addressReportText(row, context.width)
        await printOne(context, options, { columns, row, text, jsonOf: flat })
      }
    })
}

/** The fields of the verdict beside the others, where they were before the rulings were shown. */
const flat = ({ project, address, verdict, rulings }: AddressReport) => ({ project, address, ...verdict, rulings })
