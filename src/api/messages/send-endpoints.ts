/** Answers the routes that send: the guard, one attempt, an outcome for each recipient. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { concurrently } from '../../concurrently.ts'
import { type Connection, requireUsable, type UsableConnection } from '../../projects/connection.ts'
import { checkRecipients, type MarksOf, type SendingStates } from '../../sending/check-recipients.ts'
import type { Decision } from '../../sending/guard.ts'
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
}: SendEndpointDependencies): Endpoint[] {
  async function sendOne(message: Message, attempt: string, pointer: string, { project, at }: Call) {
    requireContent(message, pointer)
    const dynamodb = await dataOf(project)
    const checked = await checkRecipients(
      dynamodb,
      { suppressions, stateOf: states, marksOf },
      project,
      recipientsOf(message),
      at,
      onFailure,
    )
    if (!checked) throw noSuchProject()
    const { decisions, state } = checked
    requireSender(message, state.project.sending?.senders, pointer)
    const allowed = new Set(decisions.flatMap((one) => (one.state === 'allowed' ? [one.recipient] : [])))
    if (allowed.size === 0) return { attempt, outcomes: decisions.map((decision) => outcomeOf(decision, undefined)) }
    const connection = requireUsable(project, await connectionOf(dynamodb, project))
    if (!connection.features.includes('sending'))
      throw new Problem('not-connected', { detail: 'The connection does not have the feature "sending".' })
    const sent = await send(
      connection,
      message,
      envelopeOf(message, (recipient) => allowed.has(recipient)),
      attempt,
    )
    if (sent.state === 'rejected') throw problemOfRejection(sent)
    return { attempt, outcomes: decisions.map((decision) => outcomeOf(decision, sent)) }
  }

  /** @throws Problem | an error: in both cases nothing was sent */
  const sendOneOrProblem = (message: Message, attempt: string, pointer: string, call: Call) =>
    sendOne(message, attempt, pointer, call).catch((error: unknown) => {
      throw problemOfError(error) ?? error
    })

  /** One entry never fails the others: they may have been sent, and the request must not be repeated as a whole. */
  const entryOf = (message: Message, index: number, call: Call) =>
    sendOneOrProblem(message, attemptOf(call, index), `/messages/${index}`, call).catch((error: unknown) => {
      if (!(error instanceof Problem)) onFailure(error)
      return { problem: problemFieldsOf(error instanceof Problem ? error : internalError) }
    })

  return [
    {
      ...endpointOf(messageRoute, (message, call) => sendOneOrProblem(message, attemptOf(call, 0), '', call)),
      abandoned: (given, call) => unknownAnswerOf(parseInput(messageRoute.input, given), call, 0),
    },
    {
      ...endpointOf(batchRoute, async ({ messages }, call) => {
        const entries = new Map<number, Awaited<ReturnType<typeof entryOf>>>()
        await concurrently(messages.entries(), messagesAtOnce, async ([index, message]) => {
          entries.set(index, await entryOf(message, index, call))
        })
        return { entries: messages.map((_, index) => entries.get(index) ?? {}) }
      }),
      abandoned: (given, call) => ({
        entries: parseInput(batchRoute.input, given).messages.map((message, index) =>
          unknownAnswerOf(message, call, index),
        ),
      }),
    },
  ]
}

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
