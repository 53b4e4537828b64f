/**
 * What one invocation of each function costs: its requests to AWS, DynamoDB's units, and its CPU time against a plain put of the SDK.
 *
 * The functions run as they ship, in processes of their own, with sessions of their roles, against the embedded AWS after the demo.
 */
import { fork } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda'
import * as v from 'valibot'
import { type Aws, startAws } from '../local/aws.ts'
import { customers } from '../local/demo/customers.ts'
import { runMainFlow } from '../local/demo/run.ts'
import type { AwsCredentials } from '../local/service.ts'
import { openPort } from '../local/wire/port.ts'
import { median, times } from './figures.ts'
import type { FunctionOrder } from './function-cpu.ts'
import { eventFor } from './function-events.ts'
import { tablesOf, type Units } from './idle.ts'
import type { Table } from './report.ts'
import { type Bundle, bundleWithSdk } from './shipped-bundle.ts'

const rounds = 7
const events = 15
/** `function-cpu.ts` handles two rounds before it measures. */
const invocations = (rounds + 2) * events

/** What `npm start` deploys with. The demo replays sample events from files, which is off by default. */
const env = { SESAME_FILE_REPLAY_UNTIL: '2100-01-01T00:00:00Z' }

/** One invocation: requests to AWS, of them those to DynamoDB, its units, and CPU time as a multiple of a plain put. */
export type FunctionCost = Units & { readonly name: string; readonly toDynamodb: number; readonly cpu: number }

export function functionTable(costs: readonly FunctionCost[]): Table {
  const head = ['function', 'requests', 'of them to DynamoDB', 'read units', 'write units', 'CPU, plain put']
  const rows = costs.map(({ name, requests, toDynamodb, readUnits, writeUnits, cpu }) => [
    name,
    ...[requests, toDynamodb, readUnits, writeUnits].map((count) => count.toFixed(1)),
    times(cpu),
  ])
  return { title: 'One invocation of each function', head, rows }
}

export async function functionCosts(bundles: ReadonlyMap<string, Bundle>, folder: string): Promise<FunctionCost[]> {
  const demo = await startAws({ env })
  await runMainFlow(demo)
  // Sessions are off by default: an application with credentials of the customer's account can mail a suppressed address.
  const allowed = { do: 'set-project', project: customers[0].id, sending: { sessions: true }, by: 'bench' }
  const lambda = new LambdaClient(demo.clientConfig(demo.credentials.root(demo.account)))
  const FunctionName = demo.functions.get('manage-connection')?.name
  await lambda.send(new InvokeCommand({ FunctionName, Payload: JSON.stringify(allowed) }))
  await demo.settled()
  const port = await openPort(0)
  // No trigger, so that only the measured function makes requests.
  const withoutTriggers = [...demo.functions.keys()]
  const aws = await startAws({ env, endpoint: port.url, withoutTriggers, hasFixedKeys: true, runs: 1 })
  await aws.state.restore(await demo.state.dump())
  aws.serveAt(port)
  try {
    const floor = await plainPut(aws, port.url, folder)
    const costs: FunctionCost[] = []
    for (const [key, { file }] of bundles) {
      const definition = aws.functions.get(key)
      const event = eventFor(demo, key)
      if (!definition || event === undefined) continue
      const session = await aws.assumeAsService('lambda.amazonaws.com', definition.roleArn, key)
      const environment = { ...definition.environment, ...environmentOf(session, aws.region, port.url) }
      const counts = countsOf(aws)
      const order = { bundle: file, event, functionArn: definition.arn, rounds, events }
      const cpu = median(await cpuOf(order, environment))
      costs.push({ name: key, ...counts(), cpu: cpu / floor })
    }
    return costs
  } finally {
    await port.close()
  }
}

/** @returns microseconds of CPU time of a put with the SDK, in the same surroundings */
async function plainPut(aws: Aws, url: string, folder: string): Promise<number> {
  const { file } = await bundleWithSdk('bench/plain-put.ts', join(folder, 'plain-put-of-functions.js'))
  const item = { project: { S: 'bench' }, address: { S: 'someone@example.com' }, lastHard: { S: 'x'.repeat(130) } }
  const env = {
    SUPPRESSIONS_TABLE: `sesame-${aws.stage}-suppressions`,
    ...environmentOf(aws.credentials.root(aws.account), aws.region, url),
  }
  return median(await cpuOf({ bundle: file, event: item, functionArn: '', rounds: 15, events: 30 }, env))
}

const environmentOf = (credentials: AwsCredentials, region: string, url: string): NodeJS.ProcessEnv => ({
  AWS_REGION: region,
  AWS_ENDPOINT_URL: url,
  AWS_ACCESS_KEY_ID: credentials.accessKeyId,
  AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  ...(credentials.sessionToken && { AWS_SESSION_TOKEN: credentials.sessionToken }),
  AWS_LAMBDA_FUNCTION_NAME: 'bench',
})

/** Counts from now on. @returns the requests and units of one invocation */
function countsOf(aws: Aws): () => Omit<FunctionCost, 'name' | 'cpu'> {
  const from = aws.record.length
  aws.dynamodb.resetMeter()
  return () => {
    const elsewhere = aws.record.slice(from).filter(({ service }) => service !== 'logs' && service !== 'dynamodb')
    // A request that needs several permissions is recorded once for each.
    const requests = new Set(elsewhere.map(({ at, service, operation }) => `${at.getTime()} ${service} ${operation}`))
    const meters = tablesOf(aws).map((table) => aws.dynamodb.meter(table))
    const each = (count: number) => Math.round((count / invocations) * 100) / 100
    const sum = (of: (meter: (typeof meters)[number]) => number) => meters.reduce((all, meter) => all + of(meter), 0)
    const toDynamodb = sum(({ reads, writes }) => reads + writes)
    return {
      requests: each(requests.size + toDynamodb),
      toDynamodb: each(toDynamodb),
      readUnits: each(sum((meter) => meter.readUnits)),
      writeUnits: each(sum((meter) => meter.writeUnits)),
    }
  }
}

function cpuOf(order: FunctionOrder, env: NodeJS.ProcessEnv): Promise<number[]> {
  const worker = fork(fileURLToPath(new URL('function-cpu.ts', import.meta.url)), {
    env,
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  })
  worker.stdout?.resume()
  worker.send(order)
  return new Promise((resolve, reject) => {
    worker.once('message', (answer) => resolve(v.parse(v.array(v.number()), answer)))
    worker.once('exit', (code) => reject(new Error(`${order.bundle} ended with code ${code}`)))
  })
}
