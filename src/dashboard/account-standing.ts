/** What SES itself says about the account of a project, read by the function that may enter the account. Kept for five minutes. */
import type * as v from 'valibot'
import { AccountStandingAnswer } from '../operations/answers.ts'
import type { Connection } from '../projects/connection.ts'
import { createKept } from './kept.ts'
import type { AskFunction } from './stack.ts'

type Account = v.InferOutput<typeof AccountStandingAnswer>
export type AccountStanding = { readonly text: string; readonly at: string }

const keepMs = 300_000

export type AccountStandings = ReturnType<typeof createAccountStandings>

export function createAccountStandings(ask: AskFunction, explain: (error: unknown) => string, now: () => Date) {
  const kept = createKept<AccountStanding>(
    () => keepMs,
    () => now().getTime(),
  )
  return {
    /** `undefined` without a proven connection. A failure is told in words, and hides nothing else of the screen. */
    async of(project: string, connection: Connection | undefined): Promise<AccountStanding | undefined> {
      if (connection?.state !== 'proven') return undefined
      return kept.of(project, async () => {
        const at = now().toISOString()
        try {
          return {
            text: textOf(await ask('manage-connection', { do: 'account-standing', project }, AccountStandingAnswer)),
            at,
          }
        } catch (error) {
          return { text: `It could not be read: ${explain(error)}`, at }
        }
      })
    },
  }
}

const enforcements: Readonly<Record<string, string>> = {
  HEALTHY: 'SES sees no problem with the account',
  PROBATION: 'SES reviews the account, and pauses it if the rates do not fall',
  SHUTDOWN: 'SES has paused the account',
}

const percentOf = (rate: number | undefined) =>
  rate === undefined ? 'none yet' : `${Number((rate * 100).toFixed(3))} %`
const count = (number: number) => number.toLocaleString('en-US')

function textOf({ enforcement, maySend, isInSandbox, sentLast24Hours, max24HourSend, reputation }: Account): string {
  return [
    `${enforcements[enforcement] ?? `SES says ${enforcement}`}.`,
    ...(maySend ? [] : ['Its sending is switched off.']),
    ...(isInSandbox ? ['It is in the sandbox.'] : []),
    reputation
      ? `Its own rates: bounces ${percentOf(reputation.bounceRate)}, complaints ${percentOf(reputation.complaintRate)}.`
      : 'Its own rates are not shared: connect with the feature reputation to see them here.',
    `It sent to ${count(sentLast24Hours)} recipients${max24HourSend < 0 ? '' : ` of ${count(max24HourSend)} allowed`} in 24 hours.`,
  ].join(' ')
}
