/**
 * `sesame check`: the verdict on addresses. Its exit code answers a script: 0 if all may be mailed, 3 if one is suppressed.
 */
import type { Command } from 'commander'
import { normaliseAddress } from '../intake/address.ts'
import { ErasedAnswer } from '../operations/answers.ts'
import { isBlockedBy } from '../suppression/erasure-mark.ts'
import { judge } from '../suppression/judge.ts'
import { recordOf, rulingsOf } from '../suppression/read-list.ts'
import { type AddressReport, addressReportText, evidenceText, reasonText, rulingText } from './address-report.ts'
import type { CommandContext } from './command-context.ts'
import { type OutputOptions, userName, withOutputOption } from './common-options.ts'
import { exitCodes, exitWith } from './exit-codes.ts'
import { requestOperation } from './invoke.ts'
import { type Column, printOne } from './output.ts'
import { requireProject, type StackAccess } from './stack.ts'

/** Addresses in one request, at most. */
const addressesAtOnce = 100

const columns: readonly Column<AddressReport>[] = [
  ['project', ({ project }) => project],
  ['address', ({ address }) => address],
  ['state', ({ verdict, erasedAt }) => (erasedAt ? 'suppressed' : verdict.state)],
  ['reason', ({ verdict, erasedAt }) => (erasedAt ? 'erased' : reasonText(verdict))],
  ['since', ({ verdict, erasedAt }) => (verdict.state === 'clear' ? erasedAt : verdict.since)],
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
      const erased = await erasedAmong(access, project, addresses)
      for (const address of addresses) {
        const items = await access.list.itemsOf(project, address)
        const record = recordOf(items)
        const verdict = judge(record, rules, now())
        const at = verdict.state === 'clear' ? erased.get(address) : undefined
        const mark = at && ({ erasedAt: at, blocks: true, accountList: 'remove' } as const)
        const erasedAt = isBlockedBy(mark, record.reinstated?.at) ? at : undefined
        const row = { project, address, verdict, rulings: rulingsOf(items), ...(erasedAt && { erasedAt }) }
        if (verdict.state === 'suppressed' || erasedAt) exitWith(exitCodes.no)
        const text = addressReportText(row, context.width)
        await printOne(context, options, { columns, row, text, jsonOf: flat })
      }
    })
}

/** The fields of the verdict beside the others, where they were before the rulings were shown. */
const flat = ({ project, address, verdict, rulings, erasedAt }: AddressReport) => ({
  project,
  address,
  ...verdict,
  ...(erasedAt && { state: 'suppressed', reason: 'erased', since: erasedAt }),
  rulings,
})

/** Only the functions have the key of the hashes, so one of them says which of the addresses were erased. */
async function erasedAmong(
  access: StackAccess,
  project: string,
  addresses: readonly string[],
): Promise<ReadonlyMap<string, Date>> {
  if (!(await access.keepsHashes(project))) return new Map()
  const known = new Map<string, Date>()
  for (let from = 0; from < addresses.length; from += addressesAtOnce) {
    const some = addresses.slice(from, from + addressesAtOnce)
    const request = { do: 'erased', by: userName(), project, addresses: some }
    const { erased } = await requestOperation(access, 'forget-address', request, ErasedAnswer)
    for (const { address, erasedAt } of erased) known.set(address, new Date(erasedAt))
  }
  return known
}
