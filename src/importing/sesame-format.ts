/**
 * The columns of `sesame export`: written and read here, so that an export that is imported gives the same list.
 *
 *     address,state,reason,cause,since,until,source,detail
 */
import { detailOf, type ImportCause, importCauses, importedOf } from '../suppression/import-ruling.ts'
import type { AddressRecord, Ground, Verdict } from '../suppression/judge.ts'
import { type Format, joined } from './format.ts'

export const exportColumns = ['address', 'state', 'reason', 'cause', 'since', 'until', 'source', 'detail'] as const
export type ExportRow = Readonly<Record<(typeof exportColumns)[number], string>>

/** The cause that has the reason when it is imported. */
const causeOfReason = {
  complaint: 'complaint',
  'hard bounce': 'hard bounce',
  manual: 'manual',
  'soft bounces': 'soft bounce',
} as const

/** A row of the export. `undefined` for a clear address that nobody reinstated: nothing about it can be imported. */
export function exportRowOf(address: string, record: AddressRecord, verdict: Verdict): ExportRow | undefined {
  if (verdict.state === 'clear') {
    const { reinstated } = record
    if (!reinstated) return undefined
    const { source, detail } = originOf(reinstated)
    return {
      address,
      state: 'clear',
      reason: '',
      cause: '',
      since: reinstated.at.toISOString(),
      until: '',
      source,
      detail,
    }
  }
  const { reason, since, until } = verdict
  const ground = verdict.grounds.find((one) => one.reason === reason)
  const ruling = ground?.evidence.length === 0 ? record.manual : undefined
  const { cause = causeOfReason[reason], source, detail } = ruling ? originOf(ruling) : originOfEvidence(ground)
  return {
    address,
    state: 'suppressed',
    reason,
    cause,
    since: since.toISOString(),
    until: until?.toISOString() ?? '',
    source,
    detail,
  }
}

type Origin = { readonly cause?: ImportCause; readonly source: string; readonly detail: string }

/** An imported ruling keeps its first source, so that the export of an import is the same file. */
function originOf(ruling: { readonly by: string; readonly why: string }): Origin {
  const imported = importedOf(ruling)
  if (imported) return { ...imported, detail: detailOf(imported.detail) }
  return ruling.by === 'account-list'
    ? { source: 'account-list', detail: detailOf(ruling.why) }
    : { source: 'ruling', detail: detailOf(`${ruling.by}: ${ruling.why}`) }
}

function originOfEvidence(ground: Ground | undefined): Origin {
  const last = ground?.evidence.toSorted((a, b) => a.at.getTime() - b.at.getTime()).at(-1)
  return { source: 'evidence', detail: detailOf(joined(last?.cause ?? '', last?.status ?? '', last?.diagnostic ?? '')) }
}

export const sesameFormat: Format = {
  id: 'sesame',
  title: 'export of Sesame',
  source: 'sesame',
  has: exportColumns.slice(0, 5),
  dates: ['since'],
  factsOf: (cell) => {
    const written = cell('cause')
    const state = cell('state')
    return {
      cause: importCauses.find((cause) => cause === written) ?? 'manual',
      detail: cell('detail'),
      until: cell('until'),
      source: /^[a-z0-9-]{1,32}$/.test(cell('source')) ? cell('source') : 'sesame',
      isReinstatement: state === 'clear',
      ...(state !== 'clear' && state !== 'suppressed' && { leftOut: 'its state is neither suppressed nor clear' }),
    }
  },
}
