/** Runs the main flow with its checks. The result says what happened; report.ts prints it. */
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts'
import { createStack, type StackAccess } from '../../src/cli/stack.ts'
import type { Listed } from '../../src/suppression/read-list.ts'
import type { Aws } from '../aws.ts'
import type { AuthorisedCall } from '../service.ts'
import { type ApplicationOutcome, runApplications } from './application.ts'
import { careless, customers, type Joined, joinSesame, newcomer, prepareSes } from './customers.ts'
import { refusals, tryForbiddenCalls } from './forbidden-calls.ts'
import {
  accountListOf,
  type EventOutcome,
  replaySamples,
  type SampleOutcome,
  sendMail,
  suppressionLists,
} from './main-flow.ts'

export type MainFlow = {
  readonly joined: readonly Joined[]
  readonly events: readonly EventOutcome[]
  readonly samples: readonly SampleOutcome[]
  /** By project. */
  readonly lists: ReadonlyMap<string, readonly Listed[]>
  /** The account list in SES of each customer: address and reason. */
  readonly accountLists: ReadonlyMap<string, readonly (readonly string[])[]>
  /** What an application of each customer was told when it sent. */
  readonly applications: readonly ApplicationOutcome[]
  /** The calls that the flow needs. */
  readonly calls: readonly AuthorisedCall[]
  /** The calls that must be refused. */
  readonly forbidden: readonly AuthorisedCall[]
  /** The checks that failed; empty if all passed. */
  readonly failures: readonly string[]
}

export async function runMainFlow(aws: Aws): Promise<MainFlow> {
  const stack = await operatorStack(aws)
  const joined = []
  for (const party of [...customers, careless]) joined.push(await joinSesame(aws, stack, party))
  await prepareSes(aws, newcomer)
  const events: EventOutcome[] = []
  for (const customer of customers) events.push(...(await sendMail(aws, customer)))
  const samples = await replaySamples(stack)
  const lists = await suppressionLists(stack, aws.clock.now())
  const accountLists = new Map<string, readonly (readonly string[])[]>()
  for (const customer of customers) accountLists.set(customer.id, await accountListOf(aws, customer))
  const needed = aws.record.length
  const applications = await runApplications(aws)
  const count = aws.record.length
  const allowed = await tryForbiddenCalls(aws)
  const calls = aws.record.slice(0, needed)
  return {
    joined,
    events,
    samples,
    lists,
    accountLists,
    applications: applications.outcomes,
    calls,
    forbidden: aws.record.slice(count),
    failures: [
      ...joined.filter(({ party, attached }) => attached === (party === careless)).map(wrongConnection),
      ...neededCallsRefused(calls),
      ...unexpectedOutcomes(events, samples),
      ...applications.outcomes
        .filter(isUnexpected)
        .map(({ project, recipient, state }) => `${project}: an application's mail to ${recipient} was ${state}`),
      ...applications.notRefused.map((what) => `${what}: this call must be refused`),
      ...allowed.map((call) => `${call}: this call must be refused`),
    ],
  }
}

/** Of the recipients, only one has neither bounced nor complained. */
const isUnexpected = ({ recipient, state }: ApplicationOutcome) =>
  state !== (recipient === 'ada@customer.example' ? 'sent' : 'refused')

const wrongConnection = ({ party, attached, reason }: Joined): string =>
  attached ? `${party.id} was connected without an external id` : `${party.id} was not connected: ${reason}`

function unexpectedOutcomes(events: readonly EventOutcome[], samples: readonly SampleOutcome[]): string[] {
  const unexpected = [
    ...events.filter(({ failed }) => failed).map(({ event, outcome }) => ({ what: event, outcome })),
    ...samples.filter(({ expected }) => !expected).map(({ source, outcome }) => ({ what: source, outcome })),
  ]
  return [...Map.groupBy(unexpected, ({ outcome }) => outcome)].map(
    ([outcome, same]) => `${same.length} had an unexpected outcome (${same[0]?.what}, …): ${outcome}`,
  )
}

/** The calls that the flow needs and that were refused, each once. The doctor's trials with wrong external ids are not among them. */
export const neededCallsRefused = (calls: readonly AuthorisedCall[]): string[] =>
  refusals(calls.filter((call) => !isProofTrial(call))).map(
    (refusal) => `A call that the main flow needs was refused: ${refusal}`,
  )

/** The proof of a connection tries wrong external ids, which the trust policy of the role must refuse. */
const isProofTrial = ({ action, decision }: AuthorisedCall): boolean =>
  action === 'sts:AssumeRole' && decision.decidedBy === 'trust'

/** The stack, accessed with a session of the operator's role. */
export async function operatorStack(aws: Aws): Promise<StackAccess> {
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
