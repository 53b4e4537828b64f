/** The page of `npm run bench:activity`: figures, costs at list prices, and what others charge. */
import { cpus } from 'node:os'
import type { ActivityFigures } from './activity-run.ts'
import { markdown, type Table, targetsTable } from './report.ts'

/** USD at list prices of us-east-1. https://aws.amazon.com/dynamodb/pricing/on-demand/ and the pages of SQS, Lambda and CloudWatch Logs */
const prices = {
  writeUnit: 0.625e-6,
  readUnit: 0.125e-6,
  sqsRequest: 0.4e-6,
  lambdaRequest: 0.2e-6,
  /** arm64 */
  gigabyteSecond: 13.3334e-6,
  logGigabyte: 0.5,
}
const memoryGb = 0.25
/** SQS returns ten messages at most, and deletes ten in one request. */
const messagesPerRequest = 10

const dollars = (amount: number) => amount.toFixed(3)
const thousands = new Intl.NumberFormat('en')

/** Costs of a million different events, by what causes them. */
export function costsOf({ events, deliveries, invocations, units, sealReads, logBytes, cpuPerEvent }: ActivityFigures) {
  const million = 1_000_000 / events
  const seconds = (deliveries * cpuPerEvent) / 1e6
  return [
    [
      'items of events, and live counts, marks and seals',
      `${thousands.format(units.writes)} write units`,
      units.writes * prices.writeUnit,
    ],
    [
      'index of recipients: failures',
      `${thousands.format(units.indexWrites)} write units`,
      units.indexWrites * prices.writeUnit,
    ],
    ['counting for the seals', `${thousands.format(Math.round(sealReads))} read units`, sealReads * prices.readUnit],
    [
      'queue: receive and delete',
      `${thousands.format((deliveries / messagesPerRequest) * 2)} requests`,
      (deliveries / messagesPerRequest) * 2 * prices.sqsRequest,
    ],
    ['record-activity: invocations', `${thousands.format(invocations)}`, invocations * prices.lambdaRequest],
    [
      'record-activity: duration, as CPU time',
      `${seconds.toFixed(0)} s of 256 MB`,
      seconds * memoryGb * prices.gigabyteSecond,
    ],
    ['log', `${(logBytes / 1e6).toFixed(1)} MB`, (logBytes / 1e9) * prices.logGigabyte],
  ].map(([what, measured, cost]) => ({ what: String(what), measured: String(measured), cost: Number(cost) * million }))
}

export function activityPage(figures: ActivityFigures): string {
  const { events, deliveries, crashes, seals, wrong, kinds, liveError, cpuPerEvent, cpuPerPut } = figures
  const costs = costsOf(figures)
  const total = costs.reduce((sum, { cost }) => sum + cost, 0)
  const machine = `${cpus()[0]?.model.trim() ?? 'an unknown processor'}, ${process.platform} ${process.arch}, Node ${process.version}`
  const targets = targetsTable([
    {
      what: 'sealed counts against the truth',
      measured: wrong.length === 0 ? `${kinds} of ${kinds} equal` : wrong.slice(0, 3).join('; '),
      target: 'all equal',
      met: wrong.length === 0,
    },
    {
      what: 'USD for a million events, besides SNS',
      measured: dollars(total),
      target: 'at most 0.85',
      met: total <= 0.85,
    },
  ])
  const run: Table = {
    title: 'Run',
    head: ['what', 'measured'],
    rows: [
      ['different events', thousands.format(events)],
      ['delivered, with 1 % copies and after crashes', thousands.format(deliveries)],
      ['crashes of either function', thousands.format(crashes)],
      ['runs of seal-counts', thousands.format(seals)],
      ['largest error of a live number, before the last seal', `${(liveError * 100).toFixed(2)} %`],
      ['CPU of an event, batches of 100', `${cpuPerEvent.toFixed(0)} µs`],
      ['CPU of a plain put, same client and table', `${cpuPerPut.toFixed(0)} µs`],
      ['ratio', `${(cpuPerEvent / cpuPerPut).toFixed(2)} ×`],
    ],
  }
  const cost: Table = {
    title: 'Cost of a million events at list prices',
    head: ['what', 'measured', 'USD'],
    rows: [
      ...costs.map(({ what, measured, cost: each }) => [what, measured, dollars(each)]),
      ['together', '', dollars(total)],
    ],
  }
  return [
    `# Activity: ${thousands.format(events)} events`,
    `\`npm run bench:activity\` wrote this on ${new Date().toISOString().slice(0, 10)}: ${machine}. The functions are the real ones; the table is in memory. Its CPU time is part of both measurements.`,
    markdown(targets),
    markdown(run),
    markdown(cost),
    'SNS is not in it: it charges the publisher 0.50 USD a million, and what SQS charges for taking a message from a topic (0.40 USD, if AWS bills it as a request) is caused by SNS. Duration is CPU time: a function that waits for DynamoDB, with 100 events side by side, is billed for some more. Storage is 0.25 USD per GB and month: some 0.09 USD for a million events.',
    markdown(peers),
  ].join('\n\n')
}

/** List prices, seen in 2026. */
const peers: Table = {
  title: 'What others charge for a million events',
  head: ['way', 'USD', 'exact', 'answers about one message'],
  rows: [
    ['Sesame', 'see above', 'once an hour', 'yes'],
    ['a transaction for each event and its counters', '2.50', 'at once', 'yes'],
    ['Firehose, S3, Athena', '0.15, and 5.00 per TB read', 'at least once', 'by SQL, in seconds'],
    ['CloudWatch metrics of SES', '0.30 for each metric and month', 'no', 'no'],
    [
      'Virtual Deliverability Manager',
      '70.00 (included from the plan Essentials on)',
      "SES's own, without mail to several recipients",
      'for 30 days',
    ],
  ],
}
