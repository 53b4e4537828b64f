/**
 * Imports one file: reads its rows, writes a ruling for each, and keeps a checkpoint.
 *
 * Nothing is lost by an interruption: rulings are idempotent, so the command can be repeated, and goes on at its checkpoint.
 */
import { concurrently } from '../concurrently.ts'
import type { Format } from '../importing/format.ts'
import type { Import, ImportedRow, ImportOutcome } from '../importing/read-import.ts'
import { importRulingTextsOf } from '../suppression/import-ruling.ts'
import type { createRulings } from '../suppression/rule-by-hand.ts'
import { sleep } from '../time.ts'
import type { CheckpointFile } from './import-checkpoint.ts'
import type { RejectedRows } from './rejected-rows.ts'

/** Numbers of rows. The ones of a dry run are 0 for `recorded` and `unchanged`. */
export type ImportCounts = {
  readonly format: Format
  /** The start of the import. One that was interrupted keeps its first start. */
  readonly begunAt: Date
  readonly byCause: Readonly<Record<string, number>>
  readonly reinstated: number
  readonly recorded: number
  readonly unchanged: number
  readonly leftOut: Readonly<Record<string, number>>
  readonly rejected: number
}

export type FileWork = {
  readonly file: string
  readonly project: string
  readonly opened: Import
  readonly dryRun: boolean
  /** The date of rows without one, if the user gave it. */
  readonly date: Date | undefined
  /** The start of the import, by the server's clock. */
  readonly begunAt: Date
  readonly rulings: ReturnType<typeof createRulings>
  readonly rejected: RejectedRows
  readonly checkpoint: CheckpointFile
  readonly progress: ((text: string) => void) | undefined
  /** Writes in a second, at most; the limit of a project if absent. A benchmark without a database sets it. */
  readonly perSecond?: number
}

/** Rows between two checkpoints. */
const rowsAtOnce = 1_000
const writesAtOnce = 64
/** DynamoDB takes so many writes a second for one project, which is one partition key. Faster writes would also delay bounces of the project. */
const writesPerSecond = 1_000

/** @throws the first error of a write: the rows before are written, and a repeated import goes on */
export async function importFile(work: FileWork): Promise<ImportCounts> {
  const saved = work.dryRun ? undefined : await work.checkpoint.find()
  const tally = createTally(work.opened.format)
  const skip = saved?.rows ?? 0
  let { recorded = 0, unchanged = 0 } = saved ?? {}
  const begunAt = saved ? new Date(saved.begunAt) : work.begunAt
  const pace = createPace(work.perSecond ?? writesPerSecond)
  let rows = 0
  let batch: ImportedRow[] = []

  const flush = async (): Promise<void> => {
    if (!work.dryRun) {
      const done = await writeRows(work, batch, begunAt, pace)
      recorded += done.recorded
      unchanged += done.unchanged
      if (rows > skip) await work.checkpoint.save({ rows, recorded, unchanged, begunAt: begunAt.toISOString() })
    }
    batch = []
    work.progress?.(progressText(rows, recorded + unchanged, work.dryRun))
  }
  for await (const outcome of work.opened.outcomes) {
    rows++
    tally.add(outcome)
    if ('why' in outcome) await work.rejected.add(work.file, outcome)
    else if (rows > skip) batch.push(outcome)
    if (rows % rowsAtOnce === 0) await flush()
  }
  await flush()
  return { ...tally.counts(), begunAt, recorded, unchanged }
}

async function writeRows(
  { project, rulings, date }: FileWork,
  rows: readonly ImportedRow[],
  begunAt: Date,
  pace: () => Promise<void>,
): Promise<{ recorded: number; unchanged: number }> {
  let [recorded, unchanged] = [0, 0]
  await concurrently(rows, writesAtOnce, async (row) => {
    await pace()
    const outcome = await writeRow(rulings, project, row, date, begunAt)
    if (outcome === 'recorded') recorded++
    else unchanged++
  })
  return { recorded, unchanged }
}

/** Idempotent, because a ruling is. A row without a date never overrules a ruling: nobody knows which of the two is newer. */
function writeRow(
  rulings: FileWork['rulings'],
  project: string,
  row: ImportedRow,
  date: Date | undefined,
  begunAt: Date,
) {
  const texts = importRulingTextsOf(row)
  const at = row.at ?? date
  if (row.type === 'reinstate') return rulings.reinstate(project, row.address, { at: at ?? begunAt, ...texts })
  return at === undefined
    ? rulings.suppressUndated(project, row.address, { at: begunAt, ...texts })
    : rulings.suppress(project, row.address, { at, ...texts })
}

/** Lets the writes begin no faster than the limit of a project. */
function createPace(perSecond: number): () => Promise<void> {
  let nextMs = performance.now()
  return async () => {
    const now = performance.now()
    nextMs = Math.max(nextMs + 1_000 / perSecond, now - 1_000)
    if (nextMs > now + 20) await sleep(nextMs - now)
  }
}

const grouped = (number: number): string => number.toLocaleString('en-US')

const progressText = (rows: number, written: number, dryRun: boolean): string =>
  dryRun
    ? `${grouped(rows)} rows read`
    : `${grouped(rows)} rows read, ${grouped(written)} written (at most ${grouped(writesPerSecond)} a second for one project)`

function createTally(format: Format) {
  const byCause: Record<string, number> = {}
  const leftOut: Record<string, number> = {}
  let [reinstated, rejected] = [0, 0]
  return {
    add(outcome: ImportOutcome): void {
      if (!('why' in outcome)) {
        if (outcome.type === 'reinstate') reinstated++
        else byCause[outcome.cause] = (byCause[outcome.cause] ?? 0) + 1
      } else if (outcome.type === 'rejected') rejected++
      else leftOut[outcome.why] = (leftOut[outcome.why] ?? 0) + 1
    },
    counts: () => ({ format, byCause, leftOut, reinstated, rejected }),
  }
}
