/**
 * Counts what an event costs at DynamoDB: requests, write units and stream records, on the embedded AWS and under the function's deployed role.
 * Counts the logged bytes as well.
 *
 * A cold function has just started and has not read a route yet.
 */
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb'
import type { Context } from 'aws-lambda'
import { type Aws, startAws } from '../local/aws.ts'
import { recordBounce } from '../src/handlers/record-bounce.ts'
import { recordComplaint } from '../src/handlers/record-complaint.ts'
import type { Runtime } from '../src/lambda/runtime.ts'
import { routeKey } from '../src/projects/routes.ts'
import { createEvidenceWriter } from '../src/suppression/add-evidence.ts'
import { countedKinds } from '../src/suppression/evidence-kinds.ts'
import { createRulings } from '../src/suppression/rule-by-hand.ts'
import { account, addressOf, configurationSet, eventOf, feedbackIdOf, type LambdaEvent, project } from './messages.ts'

/** The cost of one event. */
export type Cost = {
  readonly scenario: string
  readonly addresses: number
  readonly reads: number
  readonly writes: number
  readonly writeUnits: number
  readonly streamRecords: number
  readonly loggedBytes: number
}

type MeasuredFunction = { readonly costOf: (scenario: string, event: LambdaEvent, addresses?: number) => Promise<Cost> }

export type Capacity = {
  readonly costs: readonly Cost[]
  /** The item that a bounce of one recipient writes, as DynamoDB's JSON. */
  readonly item: object
}

/** Selects the recipient of whom everything is known. */
const fullN = 8

/** Runs each scenario once. Each has addresses of its own, unless its name says otherwise. */
export async function capacity(): Promise<Capacity> {
  const aws = await startAws({ withoutTriggers: ['propagate-suppression'] })
  const { suppressions, projects } = await tablesOf(aws)
  const administrator = new DynamoDBClient(aws.clientConfig(aws.credentials.root(aws.account)))
  const route = { id: { S: routeKey(account) }, facet: { S: configurationSet }, project: { S: project } }
  await administrator.send(new PutItemCommand({ TableName: projects, Item: route }))

  let streamRecords = 0
  aws.dynamodb.onRecord(() => (streamRecords += 1))
  const start = async (key: 'record-bounce' | 'record-complaint'): Promise<MeasuredFunction> => {
    const lines: string[] = []
    const runtime = await runtimeOf(aws, key, (line) => lines.push(line))
    const handle = (key === 'record-bounce' ? recordBounce : recordComplaint)(runtime)
    return {
      async costOf(scenario, event, addresses = 1) {
        aws.dynamodb.resetMeter()
        streamRecords = 0
        lines.length = 0
        await handle(event, context)
        const meters = [aws.dynamodb.meter(suppressions), aws.dynamodb.meter(projects)]
        const sum = (of: (meter: (typeof meters)[number]) => number) =>
          meters.reduce((all, meter) => all + of(meter), 0)
        return {
          scenario,
          addresses,
          reads: sum((meter) => meter.reads),
          writes: sum((meter) => meter.writes),
          writeUnits: sum((meter) => meter.writeUnits),
          streamRecords,
          loggedBytes: lines.reduce((all, line) => all + Buffer.byteLength(line) + 1, 0),
        }
      },
    }
  }

  const bounces = await start('record-bounce')
  const complaints = await start('record-complaint')
  const one = { kind: 'hard', recipients: 1 } as const
  const ten = { kind: 'hard', recipients: 10 } as const
  const soft = { kind: 'soft', recipients: 1 } as const
  const complaint = { kind: 'complaint', recipients: 1 } as const
  /** @returns a bounce of an address about which everything is known that can be known: the largest item that there is */
  const fullAddress = async (): Promise<LambdaEvent> => {
    const address = addressOf(fullN)
    const writer = createEvidenceWriter(administrator, suppressions, () => new Date())
    const facts = { cause: 'Permanent/NoEmail', status: '5.1.1', diagnostic: 'smtp; 550 5.1.1 user unknown '.repeat(9) }
    for (const [n, kind] of countedKinds.entries()) {
      const at = new Date(Date.parse('2026-03-01T09:00:00.000Z') + n)
      await writer.add(project, new Map([[address, { kind, at, feedbackId: feedbackIdOf(fullN, n), ...facts }]]))
    }
    const rulings = createRulings(administrator, suppressions)
    const ruling = { by: 'ann@acme.example', why: 'asked by telephone, ticket 4711' }
    await rulings.suppress(project, address, { at: new Date('2026-03-01T10:00:00.000Z'), ...ruling })
    await rulings.reinstate(project, address, { at: new Date('2026-03-01T11:00:00.000Z'), ...ruling })
    return eventOf(one, fullN)
  }
  const first = await bounces.costOf('bounce, cold: routes unread', eventOf(one, 0))
  const [item] = await aws.dynamodb.items(suppressions)
  if (!item) throw new Error('The bounce wrote no item to the suppression list')
  const costs = [
    first,
    await bounces.costOf('bounce', eventOf(one, 1)),
    await bounces.costOf('bounce, duplicate', eventOf(one, 1)),
    await bounces.costOf('bounce of 10 recipients', eventOf(ten, 2), 10),
    await bounces.costOf('bounce of 10 recipients, duplicate', eventOf(ten, 2), 10),
    await bounces.costOf('bounce of 50 recipients', eventOf({ kind: 'hard', recipients: 50 }, 7), 50),
    await bounces.costOf('second bounce of an address', eventOf(one, 1, 1)),
    await bounces.costOf('third bounce of an address', eventOf(one, 1, 2)),
    await bounces.costOf('late copy of the second bounce', eventOf(one, 1, 1)),
    await bounces.costOf('soft bounce', eventOf(soft, 3)),
    await bounces.costOf('soft bounce, duplicate', eventOf(soft, 3)),
    await complaints.costOf('complaint, cold: routes unread', eventOf(complaint, 4)),
    await complaints.costOf('complaint', eventOf(complaint, 5)),
    await complaints.costOf('complaint, duplicate', eventOf(complaint, 5)),
    await bounces.costOf('bounce of an address with every kind of evidence and both rulings', await fullAddress()),
    await bounces.costOf('echo, stored and not counted', eventOf({ kind: 'echo', recipients: 1 }, 6), 0),
  ]
  return { costs, item }
}

async function tablesOf(aws: Aws) {
  const { SUPPRESSIONS_TABLE: suppressions, PROJECTS_TABLE: projects } =
    aws.functions.get('record-bounce')?.environment ?? {}
  if (!suppressions || !projects)
    throw new Error('record-bounce has no SUPPRESSIONS_TABLE and PROJECTS_TABLE in serverless.yml')
  return { suppressions, projects }
}

/** The runtime that the embedded Lambda gives the function, with another log. */
async function runtimeOf(aws: Aws, key: string, log: (line: string) => void): Promise<Runtime> {
  const definition = aws.functions.get(key)
  if (!definition) throw new Error(`serverless.yml has no function ${key}`)
  const session = await aws.assumeAsService('lambda.amazonaws.com', definition.roleArn, key)
  const { maxAttempts: _, ...client } = aws.clientConfig(session)
  return { env: definition.environment, client, log, now: () => new Date() }
}

/** The handlers do not use the context. */
const context = {} as Context
