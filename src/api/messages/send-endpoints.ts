/** Answers the routes that send: the guard, one attempt, an outcome for each recipient. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { concurrently } from '../../concurrently.ts'
import { type Connection, requireUsable, type UsableConnection } from '../../projects/connection.ts'
import type { Reason } from '../../projects/hold.ts'
import { type Checked, checkRecipients, type MarksOf, type SendingStates } from '../../sending/check-recipients.ts'
import type { Decision } from '../../sending/guard.ts'
import { holdBySesOf } from '../../sending/hold-by-ses.ts'
import { type Envelope, envelopeOf, type Message, recipientsOf } from '../../sending/message.ts'
import type { SendOutcome } from '../../sending/send-message.ts'
import { isSender } from '../../sending/sender-policy.ts'
import { problemOfError } from '../account-problem.ts'
import { endpointOf, parseInput } from '../parse-input.ts'
import { internalError, Problem, problemFieldsOf } from '../problem.ts'
import type { Call, Endpoint } from '../route.ts'
import { noSuchProject } from '../suppressions/no-such-project.ts'
import { contentErrorsOf } from './content-errors.ts'
import { batchRoute, messageRoute } from './routes.ts'
import { problemOfRejection } from './send-problem.ts'
import { type FindAttempt, settleAnswer } from './settle.ts'

export type SendEndpointDependencies = {
  /** Project → a client that reaches its data. */
  readonly dataOf: (project: string) => Promise<DynamoDBClient>
  readonly suppressions: string
  readonly states: SendingStates
  readonly marksOf: MarksOf
  readonly connectionOf: (dynamodb: DynamoDBClient, project: string) => Promise<Connection | undefined>
  readonly send: (
    connection: UsableConnection,
    message: Message,
    envelope: Envelope,
    attempt: string,
  ) => Promise<SendOutcome>
  /** Is told why the list could not be read, or why a message of a batch failed. */
  readonly onFailure: (cause: unknown) => void
  readonly findAttempt: FindAttempt
  /** Holds a project for which SES sends nothing. */
  readonly holdProject: (project: string, reason: Reason) => Promise<void>
}

const messagesAtOnce = 10

export function createSendEndpoints({
  dataOf,
  suppressions,
  states,
  marksOf,
  connectionOf,
  send,
  onFailure,
  findAttempt,
  holdProject,
}: SendEndpointDependencies): Endpoint[] {
  const check = async (recipients: readonly string[], { project, at }: Call): Promise<Checked> => {
    const known = { suppressions, stateOf: states, marksOf }
    const checked = await checkRecipients(await dataOf(project), known, project, recipients, at, onFailure)
    if (!checked) throw noSuchProject()
    return checked
  }

  /** @param checked the decisions about the recipients of the message, in their order */
  async function sendChecked(
    message: Message,
    { decisions, state }: Checked,
    attempt: string,
    pointer: string,
    { project, at }: Call,
  ) {
    requireSender(message, state.project.sending?.senders, pointer)
    const allowed = new Set(decisions.flatMap((one) => (one.state === 'allowed' ? [one.recipient] : [])))
    if (allowed.size === 0) return { attempt, outcomes: decisions.map((decision) => outcomeOf(decision, undefined)) }
    const connection = requireUsable(project, await connectionOf(await dataOf(project), project))
    if (!connection.features.includes('sending'))
      throw new Problem('not-connected', { detail: 'The connection does not have the feature "sending".' })
    const sent = await send(
      connection,
      message,
      envelopeOf(message, (recipient) => allowed.has(recipient)),
      attempt,
    )
    if (sent.state === 'rejected') {
      const reason = holdBySesOf(sent.rejection, at)
      if (reason) await holdProject(project, reason).catch(onFailure)
      throw problemOfRejection(sent)
    }
    return { attempt, outcomes: decisions.map((decision) => outcomeOf(decision, sent)) }
  }

  /** @throws Problem | an error: in both cases nothing was sent */
  async function sendOne(message: Message, call: Call) {
    try {
      requireContent(message, '')
      return await sendChecked(message, await check(recipientsOf(message), call), attemptOf(call, 0), '', call)
    } catch (error) {
      throw problemOfError(error) ?? error
    }
  }

  /** The list is read once for all messages. One entry never fails the others: they may have been sent, and must not be sent again. */
  async function sendAll(messages: readonly Message[], call: Call) {
    const fit = messages.map((message, index) => contentErrorsOf(message, pointerOf(index)).length === 0)
    const recipients = messages.map((message, index) => (fit[index] ? recipientsOf(message) : []))
    const checked = await check(recipients.flat(), call)
    const decisions = partsOf(
      checked.decisions,
      recipients.map(({ length }) => length),
    )
    const entryOf = async (message: Message, index: number) => {
      try {
        requireContent(message, pointerOf(index))
        const own = { ...checked, decisions: decisions[index] ?? [] }
        return await sendChecked(message, own, attemptOf(call, index), pointerOf(index), call)
      } catch (error) {
        const problem = problemOfError(error)
        if (!problem) onFailure(error)
        return { problem: problemFieldsOf(problem ?? internalError) }
      }
    }
    const entries = new Map<number, Awaited<ReturnType<typeof entryOf>>>()
    await concurrently(messages.entries(), messagesAtOnce, async ([index, message]) => {
      entries.set(index, await entryOf(message, index))
    })
    return { entries: messages.map((_, index) => entries.get(index) ?? {}) }
  }

  /** A failure of the search leaves the outcomes unknown. */
  const settled = (kept: unknown, { project, at }: Call, startedAt: Date) =>
    settleAnswer(findAttempt, project, kept, startedAt, at).catch((error: unknown) => {
      onFailure(error)
      return undefined
    })

  return [
    {
      ...endpointOf(messageRoute, sendOne),
      settled,
      abandoned: (given, call) => unknownAnswerOf(parseInput(messageRoute.input, given), call, 0),
    },
    {
      ...endpointOf(batchRoute, ({ messages }, call) => sendAll(messages, call)),
      settled,
      abandoned: (given, call) => ({
        entries: parseInput(batchRoute.input, given).messages.map((message, index) =>
          unknownAnswerOf(message, call, index),
        ),
      }),
    },
  ]
}

/** Divides a list into parts of these lengths, in its order. */
function partsOf<T>(list: readonly T[], lengths: readonly number[]): T[][] {
  let rest = [...list]
  return lengths.map((length) => {
    const part = rest.slice(0, length)
    rest = rest.slice(length)
    return part
  })
}

const pointerOf = (index: number): string => `/messages/${index}`

/** The id of an attempt, the same for each repetition of a request. */
const attemptOf = ({ attempt }: Call, index: number): string => `${attempt}-${index}`

function outcomeOf(decision: Decision, sent: Exclude<SendOutcome, { state: 'rejected' }> | undefined) {
  const { recipient } = decision
  if (decision.state === 'refused') {
    const { reason, since, until, detail } = decision
    const times = { ...(since && { since: since.toISOString() }), ...(until && { until: until.toISOString() }) }
    return { recipient, state: 'refused', reason, ...times, detail } as const
  }
  if (sent?.state === 'sent') return { recipient, state: 'sent', messageId: sent.messageId } as const
  return { recipient, state: 'unknown', detail: unknownDetail } as const
}

const unknownDetail = 'SES did not answer. The mail may have been sent, so it is not sent again.'

/** The answer to a repetition of a request whose first run died. */
const unknownAnswerOf = (message: Message, call: Call, index: number) => ({
  attempt: attemptOf(call, index),
  outcomes: recipientsOf(message).map((recipient) => ({ recipient, state: 'unknown', detail: unknownDetail }) as const),
})

/** @throws Problem */
function requireContent(message: Message, pointer: string): void {
  const errors = contentErrorsOf(message, pointer)
  const [first] = errors
  if (first) throw new Problem('invalid-request', { detail: `${first.pointer} ${first.detail}.`, errors })
}

/** @throws Problem */
function requireSender({ from }: Message, senders: readonly string[] | undefined, pointer: string): void {
  if (isSender(from, senders)) return
  const errors = [{ pointer: `${pointer}/from`, detail: 'is not a sender of the project' }]
  throw new Problem('sender-not-allowed', { detail: `${pointer}/from is not a sender of the project.`, errors })
}
