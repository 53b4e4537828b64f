/** `sesame rates`: the rates of a project in three windows, what they lead to, and beside them what SES itself says about the account. */
import type { Command } from 'commander'
import type * as v from 'valibot'
import { judgingOf } from '../activity/judging.ts'
import { minimumRecipients, type RateKind, rateKinds } from '../activity/rates.ts'
import { daysOfWindows, type Lines, standingOf, type WindowRates, windowsOf, worstOf } from '../activity/windows.ts'
import { AccountStandingAnswer } from '../operations/answers.ts'
import type { HoldState } from '../projects/hold.ts'
import type { Project } from '../projects/project.ts'
import type { CommandContext } from './command-context.ts'
import { type OutputOptions, userName, withOutputOption } from './common-options.ts'
import { manage } from './invoke.ts'
import { type Column, printRows } from './output.ts'
import { requireProject, type StackAccess } from './stack.ts'

type Account = v.InferOutput<typeof AccountStandingAnswer>
type Row = {
  readonly days: number
  readonly kind: RateKind
  readonly from: Date
  readonly events: number
  readonly recipients: number
  readonly rate: number | undefined
  readonly standing: string
}

const columns: readonly Column<Row>[] = [
  ['window', ({ days }) => (days === 1 ? '24 hours' : `${days} days`)],
  ['since', ({ from }) => from],
  ['rate of', ({ kind }) => (kind === 'bounces' ? 'hard bounces' : 'complaints')],
  ['rate', ({ rate }) => (rate === undefined ? 'none' : `${Number((rate * 100).toFixed(3))} %`)],
  ['events', ({ events }) => events],
  ['recipients', ({ recipients }) => recipients],
  ['stands', ({ standing }) => standing],
]

export function registerRates(program: Command, context: CommandContext): void {
  const { stack, print, now } = context
  withOutputOption(program.command('rates <project>'))
    .description('show the rates of a project by which its mail is held, and what SES says about the account')
    .action(async (id: string, options: OutputOptions) => {
      const access = stack()
      const project = await requireProject(access, id)
      const [days, hold, account] = await Promise.all([
        access.counts.daysOf(id, daysOfWindows(now())),
        access.holdOf(id, now()),
        accountOf(access, id),
      ])
      const { lines: by, minimumRecipients: minimum } = judgingOf(project)
      const windows = windowsOf(days, now(), hold.resumedAt, minimum)
      const rows = rowsOf(windows, by)
      if (options.output === 'json') {
        const found = { project: id, standing: worstOf(windows, by), windows: rows, hold, account }
        return void (await print(JSON.stringify(found, undefined, 2)))
      }
      await printRows(context, options, { columns, rows, none: '' })
      if (options.output === 'table') await print(`\n${textOf(project, hold, account)}`)
    })
}

/** `undefined` if the project is not connected, as one in the SES account of the stack itself. */
async function accountOf(access: StackAccess, project: string): Promise<Account | undefined> {
  const connection = await access.connections.find(project)
  if (connection?.state !== 'proven') return undefined
  return manage(access, { do: 'account-standing', by: userName(), project }, AccountStandingAnswer)
}

const rowsOf = (windows: readonly WindowRates[], by: Lines): Row[] =>
  windows.flatMap(({ days, from, rates }) =>
    rateKinds.map((kind) => ({ days, from, kind, ...rates[kind], standing: standingOf(rates[kind], by[kind]) })),
  )

const thousands = new Intl.NumberFormat('en')

function textOf({ id, holdRules }: Project, { holds, warning, overriddenUntil }: HoldState, account?: Account): string {
  const [held] = holds
  const minimum = thousands.format(holdRules?.minimumRecipients ?? minimumRecipients)
  return [
    held ? `${id} is held: ${held.why}. sesame resume ${id} ends the hold.` : `${id} is not held.`,
    ...(warning ? [`Warned: ${warning.why}.`] : []),
    ...(overriddenUntil ? [`Rates hold nothing before ${overriddenUntil.toISOString()}.`] : []),
    `There is no rate below ${minimum} recipients.`,
    ...(account ? [accountText(account), difference] : ['SES is not asked: the project has no proven connection.']),
  ].join('\n')
}

const enforcements: Readonly<Record<string, string>> = {
  HEALTHY: 'SES sees no problem with it',
  PROBATION: 'SES reviews it, and pauses it if the rates do not fall',
  SHUTDOWN: 'SES has paused it',
}

function accountText(found: Account): string {
  const { account, enforcement, maySend, isInSandbox, sentLast24Hours, max24HourSend, reputation } = found
  const quota = max24HourSend < 0 ? 'without a limit' : `of ${thousands.format(max24HourSend)}`
  const state = `Account ${account} is ${enforcement}: ${enforcements[enforcement] ?? 'see the console of SES'}.`
  return [
    state,
    ...(maySend ? [] : ['Its sending is switched off.']),
    ...(isInSandbox ? ['It is in the sandbox.'] : []),
    ...(reputation ? [reputationText(reputation)] : []),
    `It has sent to ${thousands.format(sentLast24Hours)} recipients ${quota} in 24 hours.`,
  ].join(' ')
}

const percentOf = (rate: number | undefined) =>
  rate === undefined ? 'none yet' : `${Number((rate * 100).toFixed(3))} %`

const reputationText = ({ bounceRate, complaintRate }: NonNullable<Account['reputation']>): string =>
  `SES's own rates: bounces ${percentOf(bounceRate)}, complaints ${percentOf(complaintRate)}.`

const difference = `SES judges by rates of its own: of the whole account, over a volume that it takes as representative and not over a period, without
mail to domains that the account has verified, and complaints only per mail to providers that report them. So its rates differ from these.
The feature reputation of the connection lets Sesame read them; the console of SES shows them under reputation metrics.`
