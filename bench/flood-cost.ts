/**
 * `npm run bench:flood`: what a million events of a flooding customer cost the operator of Sesame, from the operations that `npm run bench` has
 * counted and AWS's public prices. Prints the table of docs/threat-model.md, which a test compares with it.
 */
import { readFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { markdown, type Table } from './report.ts'

/** US dollars in us-east-1, per million operations or per GB. https://aws.amazon.com/pricing/ */
const prices = {
  snsPublish: 0.5,
  lambdaRequest: 0.2,
  /** A GB-second of an arm64 function. */
  lambdaGbSecond: 0.000_013_333_4,
  dynamodbWriteUnit: 0.625,
  /** A consistent read of 4 KB or less. */
  dynamodbReadUnit: 0.125,
  eventBridgeEvent: 1,
  logGb: 0.5,
  apiRequest: 1,
} as const

const million = 1_000_000

/** Wall time of an invocation: the CPU that is measured is below a millisecond; DynamoDB answers within some. */
const milliseconds = { record: 20, batchOf100: 2_000, api: 60 } as const
const gigabytes = { record: 0.25, propagate: 0.25, api: 0.5 } as const

/** The numbers in a row of a table of bench/RESULTS.md. Rows of several tables begin alike, so the table is named by its title. */
function rowOf(results: string, title: string, name: string): number[] {
  const table = results.split('\n## ').find((text) => text.startsWith(title)) ?? ''
  const line = table.split('\n').find((one) => one.split('|')[1]?.trim() === name)
  if (line === undefined) throw new Error(`bench/RESULTS.md has no row ${name} in the table ${title}`)
  return line.split('|').slice(2, -1).map(Number)
}

const durationOf = (ms: number, gb: number) => (ms / 1_000) * gb * prices.lambdaGbSecond * million

/** Dollars for a million events, by part. */
export function floodCosts(results: string) {
  const [reads = 0, , units = 0, streamed = 0, bytes = 0] = rowOf(results, 'DynamoDB per event', 'bounce')
  const [, , , duplicateStreamed = 0] = rowOf(results, 'DynamoDB per event', 'bounce, duplicate')
  const [, , readsPerChange = 0, writesPerChange = 0, invocationsPerThousand = 0] = rowOf(
    results,
    'Propagation of 1,000 changes',
    '1',
  )
  const receive = prices.snsPublish + prices.lambdaRequest + durationOf(milliseconds.record, gigabytes.record)
  const record = units * prices.dynamodbWriteUnit + reads * prices.dynamodbReadUnit
  const logged = (bytes / 1_000_000_000) * million * prices.logGb
  const propagated =
    streamed *
    (readsPerChange * prices.dynamodbReadUnit +
      writesPerChange * prices.dynamodbWriteUnit +
      (invocationsPerThousand / 1_000) *
        (prices.lambdaRequest + durationOf(milliseconds.batchOf100, gigabytes.propagate)) +
      prices.eventBridgeEvent +
      logged)
  const bounce = receive + record + logged
  return {
    bounce: bounce + propagated,
    duplicate: bounce + duplicateStreamed * propagated,
    apiRequest:
      prices.apiRequest + prices.lambdaRequest + durationOf(milliseconds.api, gigabytes.api) + prices.dynamodbReadUnit,
  }
}

const dollars = (amount: number) => `$${amount.toFixed(2)}`

/** The price of SES for the same million mails, which the flooding customer pays. */
const sesPerMillion = 100

export function floodTable(results: string): string {
  const { bounce, duplicate, apiRequest } = floodCosts(results)
  const perDay = (apiRequest * 1_000 * 86_400) / million
  const table: Table = {
    title: 'Flood',
    head: ['flood', 'costs us per million', 'costs the customer', 'what stops it'],
    rows: [
      [
        'bounces of different addresses',
        dollars(bounce),
        `${dollars(sesPerMillion)} and its standing with SES`,
        '`sesame disconnect`: the topics refuse the account',
      ],
      ['the same bounce again', dollars(duplicate), `${dollars(sesPerMillion)}`, 'the same'],
      [
        'requests to the HTTP API',
        dollars(apiRequest),
        'nothing',
        `1,000 requests a second of the stage: ${dollars(perDay)} a day at most; take the permission of the application`,
      ],
    ],
  }
  // Without the title.
  return markdown(table).split('\n').slice(2).join('\n')
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  process.stdout.write(`${floodTable(readFileSync(new URL('RESULTS.md', import.meta.url), 'utf8'))}\n`)
}
