/**
 * What an erasure has reached, as rows: what was erased in which project, what expires by itself and when, and what only others can erase. Pure.
 */
import type * as v from 'valibot'
import type { ErasureAnswer } from '../operations/answers.ts'
import type { AccountListChoice } from '../suppression/erasure-mark.ts'
import { dayMs } from '../time.ts'

type Slice = v.InferOutput<typeof ErasureAnswer>
type OfProject = Slice['projects'][number]

export type ForgetReport = {
  readonly projects: readonly OfProject[]
  readonly letters: {
    readonly erased: Slice['letters']['erased'][number][]
    readonly kept: Slice['letters']['kept'][number][]
  }
  readonly request: {
    readonly address: string
    readonly keepHash: boolean
    readonly accountList: AccountListChoice
    readonly preview: boolean
    readonly projects?: readonly string[]
  }
}

export type ForgetRow = {
  readonly what: string
  readonly project?: string
  readonly outcome: 'erased' | 'would be erased' | 'kept' | 'expires by itself' | 'not reached'
  readonly items?: number
  /** When it is gone at the latest. */
  readonly until?: Date
  readonly note?: string
}

/** Days after which AWS deletes by itself: a message of a queue, a backup of a table. */
const queueDays = 14
const backupDays = 35
/** Days for which the hash is kept that keeps an address from coming back from an account list. */
const goneDays = 30

export function forgetRowsOf({ projects, letters, request }: ForgetReport, now: Date): ForgetRow[] {
  const { keepHash, preview } = request
  const outcome = preview ? 'would be erased' : 'erased'
  const inDays = (days: number) => new Date(now.getTime() + days * dayMs)
  const known = projects.filter((one) => countOf(one) > 0)
  const found: ForgetRow[] = known.flatMap((one) => [
    ...rowIf(one.suppressions, { what: 'suppression list', project: one.project, outcome }),
    ...rowIf(one.expiries, { what: 'expiries of suppressions', project: one.project, outcome }),
    ...rowIf(one.activity, { what: 'activity', project: one.project, outcome }),
    ...rowIf(one.answers, { what: 'answers to requests', project: one.project, outcome }),
    ...(one.suppressions > 0 ? [accountListRow(one, request)] : []),
  ])
  const ofLetters: ForgetRow[] = [
    ...rowIf(letters.erased.length, { what: 'dead letters', outcome }),
    ...letters.kept.map(({ id, queue }): ForgetRow => {
      const note = `names other people, too: sesame dead-letters drop ${id} deletes it for all of them`
      return { what: `dead letter of ${queue}`, outcome: 'expires by itself', items: 1, until: inDays(queueDays), note }
    }),
  ]
  const nothing: ForgetRow[] =
    found.length + ofLetters.length > 0
      ? []
      : [{ what: 'all tables and dead letters', outcome, items: 0, note: 'nothing was found' }]
  const note = 'refuses mail to the address until it is reinstated; the address cannot be read from it'
  const hashes: ForgetRow[] = keepHash
    ? [{ what: 'hash of the address', outcome: 'kept', items: projects.length, note }]
    : rowIf(known.length, {
        what: 'hash of the address',
        outcome: 'expires by itself',
        until: inDays(goneDays),
        note: 'refuses nothing: mail may be sent to the address again',
      })
  return [...found, ...ofLetters, ...nothing, ...hashes, ...elsewhere(inDays)]
}

const countOf = ({ suppressions, expiries, activity, answers }: OfProject) =>
  suppressions + expiries + activity + answers

const rowIf = (items: number, row: Omit<ForgetRow, 'items'>): ForgetRow[] => (items > 0 ? [{ ...row, items }] : [])

function accountListRow(
  { project, accountList }: OfProject,
  { address, accountList: choice, preview }: ForgetReport['request'],
): ForgetRow {
  const what = 'suppression list of the SES account'
  const byHand = `aws sesv2 delete-suppressed-destination --email-address ${address}`
  if (choice === 'keep') return { what, project, outcome: 'kept', note: `in the account, ${byHand} removes it` }
  if (accountList === 'not connected')
    return {
      what,
      project,
      outcome: 'not reached',
      note: `the project is not connected; in the account, ${byHand} removes it`,
    }
  if (accountList === 'quarantined')
    return {
      what,
      project,
      outcome: 'not reached',
      note: 'the connection is quarantined: the reconcile after its repair removes it',
    }
  const outcome = preview ? 'would be erased' : 'erased'
  return { what, project, outcome, note: 'within minutes, or by the next reconcile if the account cannot be reached' }
}

/** What is the same for every address. */
const elsewhere = (inDays: (days: number) => Date): ForgetRow[] => [
  {
    what: 'queues of events that are being processed',
    outcome: 'expires by itself',
    until: inDays(queueDays),
    note: 'usually within seconds; an event that is processed later is stored again: repeat the command then',
  },
  {
    what: 'deliveries of webhooks that fail',
    outcome: 'expires by itself',
    until: inDays(2 * queueDays),
    note: 'in their queue, and then among the dead letters',
  },
  { what: 'backups of the tables', outcome: 'expires by itself', until: inDays(backupDays) },
  {
    what: 'logs',
    outcome: 'expires by itself',
    until: inDays(goneDays),
    note: 'contain no address, but a short keyed hash',
  },
  {
    what: 'CloudTrail',
    outcome: 'not reached',
    note: 'its management events contain no address; logged data events contain keys of items',
  },
  {
    what: 'receivers of events and webhooks',
    outcome: 'not reached',
    note: 'were told about the address: ask them to erase it',
  },
  { what: 'mail that was sent, exported files', outcome: 'not reached' },
]
