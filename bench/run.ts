/**
 * `npm run bench`: measures what an event costs, and compares it with baselines of the same run. Prints the tables and writes bench/RESULTS.md, and bench/operations.json for
 * `npm run model`.
 *
 * Exits with 1 only if it cannot measure. A missed target does not fail a build, because a busy machine can cause it.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { capacity } from './capacity.ts'
import { coldStarts } from './cold-starts.ts'
import {
  costTable,
  countedTargets,
  cpuTable,
  type Floors,
  growthTable,
  measuredTargets,
  type Starts,
  sizeTable,
  startTable,
} from './figures.ts'
import { functionCosts, functionTable } from './functions.ts'
import type { GrowthOrder, GrowthPoint } from './growth.ts'
import { idleDays } from './idle.ts'
import { eventOf } from './messages.ts'
import { propagationTables } from './propagation.ts'
import { markdown, resultsFile, targetsTable } from './report.ts'
import { type Bundle, bundleAsShipped, bundlePlainly, bundleWithSdk, functions } from './shipped-bundle.ts'
import type { StubDynamodb } from './stub-dynamodb.ts'
import type { WarmEvents, WarmResult } from './warm-events.ts'

const here = (file: string) => fileURLToPath(new URL(file, import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'sesame-bench-'))
const stub = fork(here('stub-dynamodb.ts'))
try {
  const wire = await answerOf<StubDynamodb>(stub, 'The DynamoDB stub')
  const counted = await capacity()
  const bundles = new Map<string, Bundle>()
  for (const [name, entry] of functions) bundles.set(name, await bundleAsShipped(entry, join(folder, `${name}.js`)))
  const floors = {
    plain: await bundlePlainly('bench/plain-put.ts', join(folder, 'plain-put.mjs')),
    plainAsOurs: await bundleWithSdk('bench/plain-put.ts', join(folder, 'plain-put.js')),
    raw: await bundleAsShipped('bench/raw-put.ts', join(folder, 'raw-put.js')),
  }
  const trusted = join(folder, 'localhost.pem')
  writeFileSync(trusted, wire.certificate)
  const env = environment(wire.https, trusted)
  const warm = await warmEvents(counted.item, bundles, floors, env)
  const starts = startsOf(counted.item, bundles, floors, env)

  const invocations = await functionCosts(bundles, folder)
  const operations = {
    functions: Object.fromEntries(invocations.map(({ name, cpu: _, ...cost }) => [name, cost])),
    idle: await idleDays(),
  }
  writeFileSync(here('operations.json'), `${JSON.stringify(operations, undefined, 2)}\n`)

  const targets = [...countedTargets(counted.costs), ...measuredTargets(warm, starts, bundles)]
  const tables = [
    targetsTable(targets),
    cpuTable(warm),
    costTable(counted.costs),
    startTable(starts),
    sizeTable(bundles, floors),
    functionTable(invocations),
    growthTable(await growthOf(fileOf(bundles, 'record-bounce'), environment(wire.http, trusted))),
    ...(await propagationTables()),
  ]
  writeFileSync(here('RESULTS.md'), resultsFile(tables))
  console.log(tables.map(markdown).join('\n\n'))
  console.log('\nbench/RESULTS.md explains how to read the tables.')
} finally {
  if (stub.connected) stub.disconnect()
  rmSync(folder, { recursive: true })
}

/** @param trusted file with the certificate of the stub */
function environment(endpoint: string, trusted: string): NodeJS.ProcessEnv {
  return {
    NODE_EXTRA_CA_CERTS: trusted,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'wJalrXUtnFEMI-K7MDENG+bPxRfiCYEXAMPLEKEY',
    AWS_SESSION_TOKEN: 'stands-for-the-token-of-a-session'.repeat(20),
    AWS_ENDPOINT_URL_DYNAMODB: endpoint,
    AWS_LAMBDA_FUNCTION_NAME: 'sesame-dev-record-bounce',
    SUPPRESSIONS_TABLE: 'sesame-dev-suppressions',
    PROJECTS_TABLE: 'sesame-dev-projects',
    LOG_KEY: '51af3dc0-da77-11e4-872e-1234567db123',
  }
}

function fileOf(bundles: ReadonlyMap<string, Bundle>, name: string): string {
  const bundle = bundles.get(name)
  if (!bundle) throw new Error(`serverless.yml has no function ${name}`)
  return bundle.file
}

async function warmEvents(
  item: object,
  bundles: ReadonlyMap<string, Bundle>,
  floors: Floors,
  env: NodeJS.ProcessEnv,
): Promise<WarmResult> {
  const worker = fork(here('warm-events.ts'), { env, stdio: ['ignore', 'pipe', 'inherit', 'ipc'] })
  worker.stdout?.resume()
  const order: WarmEvents = {
    bundles: {
      bounce: fileOf(bundles, 'record-bounce'),
      complaint: fileOf(bundles, 'record-complaint'),
      plainPut: floors.plainAsOurs.file,
      rawPut: floors.raw.file,
    },
    item,
    rounds: 41,
    events: 150,
  }
  worker.send(order)
  return answerOf<WarmResult>(worker, 'The process for warm events')
}

/** The first message of a child process; rejects if the process ends before it. */
function answerOf<Answer>(child: ChildProcess, name: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    child.once('message', (answer) => resolve(answer as Answer))
    child.once('exit', (code) => reject(new Error(`${name} ended with code ${code}`)))
  })
}

/** Most of the events run with one project, and a long time: what a function keeps would show. */
async function growthOf(bundle: string, env: NodeJS.ProcessEnv): Promise<Map<number, GrowthPoint[]>> {
  const orders: GrowthOrder[] = [
    { bundle, projects: 1, addresses: [10, 1_000, 100_000, 300_000] },
    { bundle, projects: 1_000, addresses: [100_000] },
    { bundle, projects: 100_000, addresses: [300_000] },
  ]
  const growth = new Map<number, GrowthPoint[]>()
  for (const order of orders) {
    const worker = fork(here('growth.ts'), {
      env,
      execArgv: ['--expose-gc'],
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    })
    worker.stdout?.resume()
    worker.send(order)
    growth.set(order.projects, await answerOf<GrowthPoint[]>(worker, 'The process for growth'))
  }
  return growth
}

function startsOf(
  item: object,
  bundles: ReadonlyMap<string, Bundle>,
  { plain, plainAsOurs, raw }: Floors,
  env: NodeJS.ProcessEnv,
): Starts {
  const file = fileOf(bundles, 'record-bounce')
  const event = eventOf({ kind: 'hard', recipients: 1 }, 1)
  const candidates = [
    { name: 'the plain put', file: plain.file, event: item },
    { name: 'the plain put as we bundle', file: plainAsOurs.file, event: item },
    { name: 'the raw request', file: raw.file, event: item },
    { name: 'record-bounce', file, event },
  ]
  const [plainly = [], asOurs = [], byHand = [], subject = []] = coldStarts(candidates, env, 31)
  return { plain: plainly, plainAsOurs: asOurs, raw: byHand, subject }
}
