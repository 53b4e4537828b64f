/**
 * `sesame identities list | show | add | mail-from`: the addresses and domains from which a project may send, and the DNS records that their
 * owners must publish, by the HTTP API.
 */
import type { Command } from 'commander'
import type { Identity, IdentityDetails } from '../client/identities.ts'
import { alignedRows, columnWidthsOf } from './columns.ts'
import type { CommandContext } from './command-context.ts'
import { type OutputOptions, withOutputOption } from './common-options.ts'
import { exitCodes, exitWith } from './exit-codes.ts'
import { type Column, printOne, printRows } from './output.ts'

type MailFromOptions = OutputOptions & { readonly rejectIfMissing?: true }

const listColumns: readonly Column<Identity>[] = [
  ['identity', ({ identity }) => identity],
  ['kind', ({ kind }) => kind],
  ['may send', ({ maySend }) => (maySend ? 'yes' : 'no')],
  ['verification', ({ verification }) => verification],
]
const detailColumns: readonly Column<IdentityDetails>[] = [
  ['identity', ({ identity }) => identity],
  ['may send', ({ maySend }) => (maySend ? 'yes' : 'no')],
  ['verification', ({ verification }) => verification],
  ['DKIM', ({ dkim }) => dkim.state],
  ['MAIL FROM', ({ mailFrom }) => mailFrom && `${mailFrom.domain} (${mailFrom.state})`],
  ['missing records', ({ records }) => records.filter(({ state }) => state === 'missing').length],
]

export function registerIdentities(program: Command, context: CommandContext): void {
  const identities = program.command('identities').description('verify the addresses and domains of a project')
  const of = async (project: string) => (await context.stack().api(project)).identities
  const show = (options: OutputOptions, row: IdentityDetails) =>
    printOne(context, options, { columns: detailColumns, row, text: textOf(row) })

  withOutputOption(identities.command('list <project>'))
    .description('list the identities from which a project may send')
    .action(async (project: string, options: OutputOptions) => {
      const rows = await Array.fromAsync((await of(project)).list())
      const none = `Project ${project} has no identity. Add one with sesame identities add ${project} DOMAIN`
      await printRows(context, options, { columns: listColumns, rows, none })
    })

  withOutputOption(identities.command('show <project> <identity>'))
    .description('show how far an identity is verified, and its DNS records; exits with 3 if it may not send')
    .action(async (project: string, identity: string, options: OutputOptions) => {
      const row = await (await of(project)).lookup(identity)
      await show(options, row)
      if (!row.maySend) exitWith(exitCodes.no)
    })

  withOutputOption(identities.command('add <project> <identity>'))
    .description('add an identity, and show the DNS records that its owner must publish')
    .action(async (project: string, identity: string, options: OutputOptions) => {
      await show(options, await (await of(project)).add(identity))
    })

  withOutputOption(identities.command('mail-from <project> <identity> [domain]'))
    .description('set the MAIL FROM domain of an identity; without a domain, SES uses its own again')
    .option('--reject-if-missing', 'let SES refuse mail while it does not find the MX record')
    .action(
      async (
        project: string,
        identity: string,
        mailFrom: string | undefined,
        { rejectIfMissing, ...options }: MailFromOptions,
      ) => {
        const settings = {
          ...(mailFrom !== undefined && { mailFrom }),
          ...(rejectIfMissing && { ifMissing: 'reject' as const }),
        }
        await show(options, await (await of(project)).setMailFrom(identity, settings))
      },
    )
}

function textOf({ identity, maySend, verification, problem, dkim, mailFrom, steps, records }: IdentityDetails): string {
  const why = problem === undefined ? verification : `${verification}, ${problem}`
  const open = records.filter(({ state }) => state !== 'found')
  const rows = [
    ['type', 'name', 'value', 'state'],
    ...open.map(({ type, name, value, state }) => [type, name, value, state]),
  ]
  return [
    `${identity} ${maySend ? 'may send' : 'may not send yet'} (${why})`,
    `DKIM: ${dkim.state}`,
    ...(mailFrom ? [`MAIL FROM: ${mailFrom.domain}, ${mailFrom.state}`] : []),
    ...steps.map((step) => `- ${step}`),
    ...(open.length === 0 ? [] : ['', alignedRows(rows, columnWidthsOf(rows, undefined))]),
  ].join('\n')
}
