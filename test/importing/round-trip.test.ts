/** An export that is imported gives the same verdicts and the same export, whatever the list holds. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { csvLine } from '../../src/cli/output.ts'
import { readImport } from '../../src/importing/read-import.ts'
import { type ExportRow, exportColumns, exportRowOf } from '../../src/importing/sesame-format.ts'
import type { Evidence } from '../../src/suppression/evidence.ts'
import { importCauses, importRulingTextsOf } from '../../src/suppression/import-ruling.ts'
import { type AddressRecord, judge, type Ruling } from '../../src/suppression/judge.ts'
import { defaultRules } from '../../src/suppression/rules.ts'
import { readRuling, rulingTextOf } from '../../src/suppression/stored-ruling.ts'
import { now } from './read.ts'

const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 250 }),
  fc.constantFrom(
    '=1+1',
    "'=x",
    "''+x",
    '@a',
    '-5',
    '\t=x',
    'a, "b"',
    'hard bounce',
    'COMPLAINT',
    'a\r\nb',
    'manual: x',
  ),
)
const time = fc.date({ min: new Date('2024-01-01'), max: new Date('2026-03-01'), noInvalidDate: true })

/** A ruling as the table returns it. */
const stored = (ruling: Ruling): Ruling => readRuling(rulingTextOf(ruling)) ?? ruling
const byPerson = fc.record({ at: time, by: fc.constantFrom('ann', '=eve', 'account-list', 'api:shop'), why: text })
const byImport = fc
  .record({
    at: time,
    source: fc.constantFrom('sendgrid', 'sesame', 'account-list'),
    cause: fc.constantFrom(...importCauses),
    until: fc.option(fc.date({ min: new Date('2025-01-01'), max: new Date('2030-01-01'), noInvalidDate: true }), {
      nil: undefined,
    }),
    detail: text,
  })
  .map(({ at, until, ...rest }): Ruling => ({ at, ...importRulingTextsOf({ ...rest, ...(until && { until }) }) }))
const ruling = fc.oneof(byPerson, byImport).map(stored)
const evidence: fc.Arbitrary<Evidence> = fc.record({
  kind: fc.constantFrom('hard', 'complaint', 'soft', 'uncertain', 'not-spam', 'blocked'),
  at: time,
  feedbackId: fc.uuid(),
  cause: fc.constantFrom('Permanent/General', 'abuse', 'Transient/MailboxFull'),
  diagnostic: text,
})
/** Enough soft bounces of late to suppress. */
const softDays = [26, 27, 28].map(
  (day): Evidence => ({
    kind: 'soft',
    at: new Date(`2026-02-${day}T10:00:00Z`),
    feedbackId: String(day),
    cause: 'Transient/General',
  }),
)
const record: fc.Arbitrary<AddressRecord> = fc
  .record({
    evidence: fc.oneof(fc.array(evidence, { maxLength: 4 }), fc.constant(softDays)),
    manual: fc.option(ruling, { nil: undefined }),
    reinstated: fc.option(ruling, { nil: undefined }),
  })
  .map(({ evidence, manual, reinstated }) => ({
    evidence,
    ...(manual && { manual }),
    ...(reinstated && { reinstated }),
  }))
const local = fc.stringMatching(/^[a-z0-9=+'@-][a-z0-9.]{0,10}$/).map((name) => name.replaceAll('@', 'a'))
const list = fc.uniqueArray(
  fc.tuple(
    local.map((name) => `${name}x@example.com`),
    record,
  ),
  { selector: ([address]) => address, minLength: 1, maxLength: 8 },
)

const verdictOf = (one: AddressRecord) => judge(one, defaultRules, now)
const rowsOf = (records: Iterable<readonly [string, AddressRecord]>): ExportRow[] =>
  [...records].flatMap(([address, one]) => exportRowOf(address, one, verdictOf(one)) ?? [])

const writers: readonly (readonly [string, (rows: readonly ExportRow[]) => string])[] = [
  [
    'CSV',
    (rows) =>
      [csvLine(exportColumns), ...rows.map((row) => csvLine(exportColumns.map((name) => row[name])))].join('\n'),
  ],
  ['NDJSON', (rows) => rows.map((row) => JSON.stringify(row)).join('\n')],
]

async function importedFrom(file: string): Promise<Map<string, AddressRecord>> {
  async function* bytes(): AsyncGenerator<Buffer> {
    yield Buffer.from(file)
  }
  const opened = await readImport(bytes(), { fileName: 'all', include: new Set(), offsetMinutes: 0, now })
  const records = new Map<string, AddressRecord>()
  for await (const row of opened?.outcomes ?? []) {
    if ('why' in row || !row.at) throw new Error(JSON.stringify(row))
    const imported = stored({ at: row.at, ...importRulingTextsOf(row) })
    records.set(row.address, {
      evidence: [],
      ...(row.type === 'suppress' ? { manual: imported } : { reinstated: imported }),
    })
  }
  return records
}

test.each(writers)(
  'an export as %s is imported with the same verdicts, and its export is the same file',
  async (_, write) => {
    await fc.assert(
      fc.asyncProperty(list, async (records) => {
        const rows = rowsOf(records)
        fc.pre(rows.length > 0)
        const again = await importedFrom(write(rows))
        for (const [address, one] of records) {
          const [before, after] = [verdictOf(one), verdictOf(again.get(address) ?? { evidence: [] })]
          expect(after.state).toBe(before.state)
          if (before.state === 'suppressed' && after.state === 'suppressed')
            expect([after.reason, after.since, after.until]).toEqual([before.reason, before.since, before.until])
        }
        expect(write(rowsOf(again))).toBe(write(rows))
      }),
      { numRuns: 300 },
    )
  },
)
