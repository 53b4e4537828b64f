/**
 * `npm start`: starts the embedded AWS from the files that are deployed, does the main job on it, shows what happened, and then serves.
 * With `--once` it exits instead: 0 if everything went as it must, 1 if not.
 */
import { parseArgs, styleText } from 'node:util'
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts'
import { columnsOf } from '../../src/cli/columns.ts'
import { createStack, type StackAccess } from '../../src/cli/stack.ts'
import { suppressionTable } from '../../src/cli/suppression-table.ts'
import { type Aws, startAws } from '../aws.ts'
import type { AuthorisedCall } from '../service.ts'
import { careless, customers, join } from './customers.ts'
import { callsByRole, refusals, tryForbiddenCalls } from './forbidden-calls.ts'
import { accountList, type Fate, replaySamples, sendMail, suppressed } from './main-job.ts'

const { values: options } = parseArgs({
  options: { once: { type: 'boolean', default: false }, port: { type: 'string', default: process.env.PORT ?? '4566' } },
})

const say = (text = '') => console.log(text)
const heading = (text: string) => say(`\n${styleText('bold', text)}\n`)
const tableOf = (fates: readonly Fate[]) =>
  columnsOf([
    ['from', 'event', 'about', 'outcome'],
    ...fates.map(({ source, event, about, outcome }) => [source, event, about, outcome]),
  ])

/** What must not be, in words; empty when all went well. */
async function mainJob(aws: Aws): Promise<string[]> {
  const stack = await asOperator(aws)
  heading('1. Customers connect: each makes a role in its own account, and the role is proven before it is used')
  const joined = []
  for (const party of [...customers, careless]) {
    say(styleText('bold', `\n${party.id}, account ${party.account}`))
    joined.push({ party, attached: await join(aws, stack, party, say) })
  }

  heading('2. Mail goes out; bounces and complaints come back through SNS')
  const fates: Fate[] = []
  for (const customer of customers) fates.push(...(await sendMail(aws, customer)))
  say(tableOf(fates))

  heading('3. The sample payloads in events/, replayed through the functions')
  const samples = await replaySamples(stack)
  say(tableOf(samples))

  heading('4. The suppression list')
  for (const [project, listed] of await suppressed(stack, aws.clock.now()))
    say(`${project}\n${suppressionTable(listed)}\n`)
  say('and the account lists in the SES of their own accounts, which Sesame keeps in step:')
  for (const customer of customers)
    say(`\n${customer.id}\n${columnsOf([['address', 'reason'], ...(await accountList(aws, customer))])}`)

  heading('5. Who called what: every call was checked against the files in iam/')
  const needed = aws.record.length
  const names = [...customers, careless].map(({ id }) => id)
  say(callsByRole(aws.record, names))

  heading('6. What nobody may do, tried')
  const letThrough = await tryForbiddenCalls(aws)
  const tried = aws.record.slice(needed)
  for (const refusal of refusals(tried)) say(`${styleText('green', 'refused')} ${refusal}`)

  const lost = [
    ...fates.filter(({ failed }) => failed).map(({ event, outcome }) => ({ what: event, outcome })),
    ...samples.filter(({ expected }) => !expected).map(({ source, outcome }) => ({ what: source, outcome })),
  ]
  return [
    ...joined
      .filter(({ party, attached }) => attached === (party === careless))
      .map(({ party, attached }) => `${party.id} was ${attached ? 'let in without an external id' : 'not connected'}`),
    ...refusals(aws.record.slice(0, needed).filter((call) => !isTrial(call))).map(neededCall),
    ...[...Map.groupBy(lost, ({ outcome }) => outcome)].map(
      ([outcome, events]) => `${events.length} came to the wrong end (${events[0]?.what}, …): ${outcome}`,
    ),
    ...letThrough.map((what) => `${what}: that must be refused`),
  ]
}

/** The proof of a connection tries wrong external ids, and wants to be refused by the role's trust policy. */
const isTrial = ({ action, decision }: AuthorisedCall): boolean =>
  action === 'sts:AssumeRole' && decision.decidedBy === 'trust'

const neededCall = (refusal: string): string => `A call was refused that the main job needs: ${refusal}`

/** What kept the main job from its end, and the refusals that it may come from. */
const broken = (aws: Aws, error: unknown): string[] => [
  ...refusals(aws.record.filter((call) => !isTrial(call))).map(neededCall),
  `The main job broke off: ${error instanceof Error ? error.message : String(error)}`,
]

/** The operator's role, assumed as a person does. */
async function asOperator(aws: Aws): Promise<StackAccess> {
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
    throw new Error(`Port ${options.port} cannot be served: choose another with npm start -- --port 4567`, { cause })
  })
  aws.sqs.waits = true
  const { accessKeyId, secretAccessKey } = aws.credentials.root(aws.account)
  heading(`Serving at ${url} until Ctrl-C`)
  say(
    `export AWS_ENDPOINT_URL=${url} AWS_REGION=${aws.region} AWS_DEFAULT_REGION=${aws.region} AWS_ACCESS_KEY_ID=${accessKeyId} AWS_SECRET_ACCESS_KEY=${secretAccessKey}`,
  )
  say('aws dynamodb scan --table-name sesame-dev-suppressions    # the AWS CLI, or any SDK')
  say('npx sesame list acme                                      # the sesame command')
  for (const { id, account } of customers) {
    const key = aws.credentials.root(account)
    say(`\n# mail from ${id}'s account ${account}:`)
    say(
      `AWS_ACCESS_KEY_ID=${key.accessKeyId} AWS_SECRET_ACCESS_KEY=${key.secretAccessKey} aws sesv2 list-email-identities`,
    )
  }
  process.once('SIGINT', () => void close())
  process.once('SIGTERM', () => void close())
}

const aws = await startAws()
const wrong = await mainJob(aws).catch((error: unknown) => broken(aws, error))
heading(wrong.length === 0 ? styleText('green', 'All went as it must.') : styleText('red', 'This must not be:'))
for (const what of wrong) say(`- ${what}`)
if (options.once) process.exitCode = wrong.length === 0 ? 0 : 1
else
  await serve(aws).catch((error: Error) => {
    say(error.message)
    process.exitCode = 1
  })
