/**
 * `npm start`: starts the embedded AWS from the deployed files, runs the main flow on it, prints what happened, and keeps serving.
 *
 * With `--once` it exits instead: with 0 if all checks passed, else with 1.
 */
import { parseArgs, styleText } from 'node:util'
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts'
import { columnsOf } from '../../src/cli/columns.ts'
import { createStack, type StackAccess } from '../../src/cli/stack.ts'
import { suppressionTable } from '../../src/cli/suppression-table.ts'
import { type Aws, startAws } from '../aws.ts'
import type { AuthorisedCall } from '../service.ts'
import { careless, customers, joinSesame } from './customers.ts'
import { callsByRole, refusals, tryForbiddenCalls } from './forbidden-calls.ts'
import { accountListOf, type EventOutcome, replaySamples, sendMail, suppressionLists } from './main-flow.ts'

const { values: options } = parseArgs({
  options: { once: { type: 'boolean', default: false }, port: { type: 'string', default: process.env.PORT ?? '4566' } },
})

const say = (text = '') => console.log(text)
const heading = (text: string) => say(`\n${styleText('bold', text)}\n`)
const tableOf = (outcomes: readonly EventOutcome[]) =>
  columnsOf([
    ['from', 'event', 'addresses', 'outcome'],
    ...outcomes.map(({ source, event, addresses, outcome }) => [source, event, addresses, outcome]),
  ])

/** Runs the main flow. @returns the failed checks; empty if all checks passed */
async function runMainFlow(aws: Aws): Promise<string[]> {
  const stack = await operatorStack(aws)
  heading('1. Connect: each customer creates a role in their own account, and Sesame checks it before use')
  const joined = []
  for (const party of [...customers, careless]) {
    say(styleText('bold', `\n${party.id}, account ${party.account}`))
    joined.push({ party, attached: await joinSesame(aws, stack, party, say) })
  }

  heading('2. Customers send mail; bounces and complaints arrive through SNS')
  const outcomes: EventOutcome[] = []
  for (const customer of customers) outcomes.push(...(await sendMail(aws, customer)))
  say(tableOf(outcomes))

  heading('3. Sample payloads from events/, replayed through the functions')
  const samples = await replaySamples(stack)
  say(tableOf(samples))

  heading('4. Suppression lists')
  for (const [project, listed] of await suppressionLists(stack, aws.clock.now()))
    say(`${project}\n${suppressionTable(listed)}\n`)
  say("The account lists in the customers' SES, which Sesame keeps in sync:")
  for (const customer of customers)
    say(`\n${customer.id}\n${columnsOf([['address', 'reason'], ...(await accountListOf(aws, customer))])}`)

  heading('5. Calls by role, each authorised by the files in iam/')
  const neededCalls = aws.record.length
  const names = [...customers, careless].map(({ id }) => id)
  say(callsByRole(aws.record, names))

  heading('6. Forbidden calls, all refused')
  const allowed = await tryForbiddenCalls(aws)
  for (const refusal of refusals(aws.record.slice(neededCalls))) say(`${styleText('green', 'refused')} ${refusal}`)

  const unexpected = [
    ...outcomes.filter(({ failed }) => failed).map(({ event, outcome }) => ({ what: event, outcome })),
    ...samples.filter(({ expected }) => !expected).map(({ source, outcome }) => ({ what: source, outcome })),
  ]
  return [
    ...joined
      .filter(({ party, attached }) => attached === (party === careless))
      .map(
        ({ party, attached }) => `${party.id} was ${attached ? 'connected without an external id' : 'not connected'}`,
      ),
    ...refusals(aws.record.slice(0, neededCalls).filter((call) => !isProofTrial(call))).map(neededCallRefused),
    ...[...Map.groupBy(unexpected, ({ outcome }) => outcome)].map(
      ([outcome, events]) => `${events.length} had an unexpected outcome (${events[0]?.what}, …): ${outcome}`,
    ),
    ...allowed.map((call) => `${call}: this call must be refused`),
  ]
}

/** The proof of a connection tries wrong external ids, which the trust policy of the role must refuse. */
const isProofTrial = ({ action, decision }: AuthorisedCall): boolean =>
  action === 'sts:AssumeRole' && decision.decidedBy === 'trust'

const neededCallRefused = (refusal: string): string => `A call that the main flow needs was refused: ${refusal}`

/** The error that stopped the main flow, after the refusals that may have caused it. */
const abortReport = (aws: Aws, error: unknown): string[] => [
  ...refusals(aws.record.filter((call) => !isProofTrial(call))).map(neededCallRefused),
  `The main flow stopped: ${error instanceof Error ? error.message : String(error)}`,
]

/** The stack, accessed with a session of the operator's role. */
async function operatorStack(aws: Aws): Promise<StackAccess> {
  const sts = new STSClient(aws.clientConfig(aws.credentials.root(aws.account)))
  const RoleArn = `arn:aws:iam::${aws.account}:role/sesame/sesame-${aws.stage}-${aws.region}-operator`
  const { Credentials: given } = await sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'npm-start' }))
  const {
    AccessKeyId: accessKeyId = '',
    SecretAccessKey: secretAccessKey = '',
    SessionToken: sessionToken = '',
  } = given ?? {}
  return createStack(aws.stage, aws.clientConfig({ accessKeyId, secretAccessKey, sessionToken }))
}

async function serve(aws: Aws): Promise<void> {
  const { url, close } = await aws.listen(Number(options.port)).catch((cause: unknown) => {
    throw new Error(`Cannot listen on port ${options.port}. Choose another with npm start -- --port 4567`, { cause })
  })
  aws.sqs.longPolling = true
  const { accessKeyId, secretAccessKey } = aws.credentials.root(aws.account)
  heading(`Serving at ${url} until Ctrl-C`)
  say(
    `export AWS_ENDPOINT_URL=${url} AWS_REGION=${aws.region} AWS_DEFAULT_REGION=${aws.region} AWS_ACCESS_KEY_ID=${accessKeyId} AWS_SECRET_ACCESS_KEY=${secretAccessKey}`,
  )
  say('aws dynamodb scan --table-name sesame-dev-suppressions    # the AWS CLI, or any SDK')
  say('npx sesame list acme                                      # the sesame command')
  for (const { id, account } of customers) {
    const key = aws.credentials.root(account)
    say(`\n# the account ${account} of ${id}:`)
    say(
      `AWS_ACCESS_KEY_ID=${key.accessKeyId} AWS_SECRET_ACCESS_KEY=${key.secretAccessKey} aws sesv2 list-email-identities`,
    )
  }
  process.once('SIGINT', () => void close())
  process.once('SIGTERM', () => void close())
}

const aws = await startAws()
const failures = await runMainFlow(aws).catch((error: unknown) => abortReport(aws, error))
heading(failures.length === 0 ? styleText('green', 'All checks passed.') : styleText('red', 'Failed:'))
for (const failure of failures) say(`- ${failure}`)
if (options.once) process.exitCode = failures.length === 0 ? 0 : 1
else
  await serve(aws).catch((error: Error) => {
    say(error.message)
    process.exitCode = 1
  })
