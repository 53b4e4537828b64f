/**
 * `npm run bench:import`: a million rows through `sesame import` and `sesame export`: time, memory, writes, and an interruption. Writes
 * bench/IMPORT.md.
 *
 * The million rows are read from a file by the code of the command. Their writes are counted and not sent: at the limit of DynamoDB, they would take
 * 17 minutes, whatever the code does. A part is written through the DynamoDB client to a stub, at that limit.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { createReadStream, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import * as v from 'valibot'
import { openCheckpoint } from '../src/cli/import-checkpoint.ts'
import { type FileWork, importFile } from '../src/cli/import-file.ts'
import { csvLine } from '../src/cli/output.ts'
import { createRejectedRows } from '../src/cli/rejected-rows.ts'
import { readImport } from '../src/importing/read-import.ts'
import { exportColumns, exportRowOf } from '../src/importing/sesame-format.ts'
import { importRulingTextsOf } from '../src/suppression/import-ruling.ts'
import { judge } from '../src/suppression/judge.ts'
import { createRulings } from '../src/suppression/rule-by-hand.ts'
import { defaultRules } from '../src/suppression/rules.ts'
import { importCost } from './propagation.ts'

const rows = 1_000_000
const sentRows = 20_000
const interruptedAt = 600_500
const propagatedRows = 10_000
const now = new Date()
const folder = mkdtempSync(join(tmpdir(), 'sesame-bench-'))

function makeFile(name: string, count: number): string {
  const path = join(folder, name)
  writeFileSync(path, 'status,reason,email,created\n')
  for (let from = 0; from < count; from += 10_000) {
    const lines = Array.from({ length: Math.min(10_000, count - from) }, (_, i) => {
      const n = from + i
      return `5.1.1,"550 5.1.1 <user${n}@example.com>: no such user, ""${n}"" is unknown here",user${n}@example.com,${1_709_287_200 + n}\n`
    })
    writeFileSync(path, lines.join(''), { flag: 'a' })
  }
  return path
}

type Rulings = FileWork['rulings']
type Suppress = Rulings['suppress']

async function runImport(file: string, rulings: Rulings, perSecond?: number) {
  const opened = await readImport(createReadStream(file), {
    fileName: 'bounces.csv',
    include: new Set(),
    offsetMinutes: 0,
    now,
  })
  if (!opened) throw new Error('The file of the benchmark is empty')
  const checkpoint = await openCheckpoint(file, folder, [])
  const rejected = createRejectedRows(join(folder, 'rejected.csv'))
  const rest = { date: undefined, begunAt: now, dryRun: false, progress: undefined, ...(perSecond && { perSecond }) }
  const counts = await importFile({ file, project: 'acme', opened, rulings, rejected, checkpoint, ...rest })
  await checkpoint.remove()
  return counts
}

/** Rulings that are counted. The digest is the same for the same set of rulings, in whichever order and however often they come. */
function countingRulings(real: Rulings, failAfter = Number.POSITIVE_INFINITY) {
  const seen = new Uint8Array(rows)
  const state = { writes: 0, distinct: () => seen.reduce((sum, one) => sum + one, 0) }
  const suppress: Suppress = async (_, address) => {
    if (state.writes >= failAfter) throw new Error('interrupted')
    state.writes++
    seen[Number(/^user(\d+)@/.exec(address)?.[1])] = 1
    return 'recorded'
  }
  return {
    rulings: { ...real, suppress },
    state,
    continueWith(): void {
      failAfter = Number.POSITIVE_INFINITY
    },
  }
}

async function timed<T>(work: () => Promise<T> | T): Promise<[seconds: number, result: T]> {
  const begin = performance.now()
  const result = await work()
  return [(performance.now() - begin) / 1_000, result]
}

const peakMegabytes = () => Math.round(process.resourceUsage().maxRSS / 1_024)
const seconds = (count: number) => `${count.toFixed(1)} s`
const grouped = (count: number) => count.toLocaleString('en-US')

function exportRows(): number {
  let bytes = 0
  for (let n = 0; n < rows; n++) {
    const texts = importRulingTextsOf({ source: 'sendgrid', cause: 'hard bounce', detail: '5.1.1 550 no such user' })
    const record = { evidence: [], manual: { at: new Date(1_709_287_200_000 + n), ...texts } }
    const row = exportRowOf(`user${n}@example.com`, record, judge(record, defaultRules, now))
    if (row) bytes += csvLine(exportColumns.map((name) => row[name])).length + 1
  }
  return bytes
}

const stub = fork(fileURLToPath(new URL('stub-dynamodb.ts', import.meta.url)))
const [message] = await once(stub, 'message')
const { http: endpoint } = v.parse(v.object({ http: v.string() }), message)
const credentials = { accessKeyId: 'bench', secretAccessKey: 'bench' }
const dynamodb = new DynamoDBClient({ region: 'us-east-1', endpoint, credentials })
let calls = 0
dynamodb.middlewareStack.add(
  (next) => (input) => {
    calls++
    return next(input)
  },
  { step: 'initialize' },
)
const real = createRulings(dynamodb, 'sesame-dev-suppressions')

const file = makeFile('bounces.csv', rows)
const before = peakMegabytes()
const whole = countingRulings(real)
const [importSeconds] = await timed(() => runImport(file, whole.rulings, Number.POSITIVE_INFINITY))
const importPeak = peakMegabytes()
const cut = countingRulings(real, interruptedAt)
await runImport(file, cut.rulings, Number.POSITIVE_INFINITY).catch(() => {})
cut.continueWith()
const [resumedSeconds, resumed] = await timed(() => runImport(file, cut.rulings, Number.POSITIVE_INFINITY))
const [exportSeconds, exportBytes] = await timed(exportRows)
const [sentSeconds] = await timed(() => runImport(makeFile('sent.csv', sentRows), real))
stub.disconnect()
const propagated = await importCost(propagatedRows)

const page = `# Import and export of a million rows

\`npm run bench:import\` writes this page. The million rows are read by the code of the command, and their writes are counted and not sent; the last row sends them to a stub of DynamoDB, at the limit of one project.

| | rows | time | |
|---|---|---|---|
| import, without the database | ${grouped(rows)} | ${seconds(importSeconds)} | ${Math.round(statSync(file).size / 1e6)} MB of CSV, ${grouped(whole.state.writes)} writes, peak memory ${importPeak} MB (${before} MB before) |
| interrupted after ${grouped(interruptedAt)} writes, and resumed | ${grouped(rows)} | ${seconds(resumedSeconds)} for the second run | ${grouped(cut.state.writes)} writes in all, ${grouped(cut.state.distinct())} addresses, ${grouped(resumed.recorded)} counted as recorded |
| export, without the database | ${grouped(rows)} | ${seconds(exportSeconds)} | ${Math.round(exportBytes / 1e6)} MB of CSV |
| import to a stub of DynamoDB | ${grouped(sentRows)} | ${seconds(sentSeconds)} | ${grouped(Math.round(sentRows / sentSeconds))} writes a second, ${(calls / sentRows).toFixed(2)} calls for each row |
| to the account list by the reconcile, at 1 call a second | ${grouped(propagated.rulings)} | ${propagated.hours.toFixed(1)} h of the clock | ${grouped(propagated.sesCalls)} calls, ${propagated.throttled} of them refused and repeated, ${propagated.sessions} sessions, ${propagated.runs} scheduled runs; ${propagated.callsAtOnce} calls and ${propagated.eventsPerAddress} events for single addresses before |

At 1,000 writes a second, the limit of one partition key, a million rows take 17 minutes. An import that finds each ruling already there takes two writes for each row.
`
writeFileSync(new URL('IMPORT.md', import.meta.url), page)
console.log(page)
rmSync(folder, { recursive: true })
