/**
 * What a dead letter says about itself: the cause of its failure, and the project and event that it holds.
 */
import * as v from 'valibot'
import type { SesEvent } from '../intake/event.ts'
import { MalformedEventError } from '../intake/malformed-event-error.ts'
import { readEvent } from '../intake/read-event.ts'
import { recordsOf } from '../intake/records-of.ts'
import { UnownedEventError } from '../projects/unowned-event-error.ts'
import type { DeadLetter } from './dead-letters.ts'
import { type FeedbackFunction, feedbackFunctions, type StackAccess } from './stack.ts'

export type ReadLetter = DeadLetter & {
  readonly cause: string
  /** The project that the event belongs to; absent if no project owns it, or if it cannot be read. */
  readonly project: string | undefined
  /** What the event is, in a few words; why it cannot be read, if it cannot. */
  readonly event: string
  /** The function whose queue it is in; absent for what SNS could not deliver. */
  readonly feedbackFunction: FeedbackFunction | undefined
  /** The letter as JSON, or as it is if it is none. */
  readonly content: unknown
}

/** https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html */
const FailedInvocation = v.object({
  requestContext: v.object({ condition: v.string() }),
  responsePayload: v.optional(v.object({ errorType: v.optional(v.string()), errorMessage: v.optional(v.string()) })),
})

/** Reads a letter, whatever it holds: a letter that nobody can read is one that must be looked at. */
export async function readLetter({ routes, functionOfQueue }: LetterReader, letter: DeadLetter): Promise<ReadLetter> {
  const content = contentOf(letter.payload)
  const { event, project } = await eventIn(routes, content)
  return {
    ...letter,
    content,
    event,
    project,
    cause: causeOf(content),
    feedbackFunction: functionOfQueue(letter.queue),
  }
}

export type LetterReader = {
  readonly routes: StackAccess['routes']
  readonly functionOfQueue: (queue: string) => FeedbackFunction | undefined
}

export const letterReaderOf = ({ routes, deadLetterQueueOf }: StackAccess): LetterReader => ({
  routes,
  functionOfQueue: (queue) => feedbackFunctions.find((name) => deadLetterQueueOf(name) === queue),
})

function contentOf(payload: string): unknown {
  try {
    return JSON.parse(payload)
  } catch {
    return payload
  }
}

function causeOf(content: unknown): string {
  if (!v.is(FailedInvocation, content)) return 'SNS could not deliver it to a function'
  const { requestContext, responsePayload } = content
  const { errorType, errorMessage } = responsePayload ?? {}
  return [errorType, errorMessage].filter(Boolean).join(': ') || requestContext.condition
}

async function eventIn(
  routes: StackAccess['routes'],
  content: unknown,
): Promise<{ event: string; project?: string | undefined }> {
  try {
    const records = recordsOf(content)
    const event = readEvent(records[0])
    if (event.type === 'NonEvent') return { event: event.reason }
    const more = records.length > 1 ? ` and ${records.length - 1} more` : ''
    return { event: `${event.type}${more}`, project: await ownerOf(routes, event) }
  } catch (error) {
    if (error instanceof MalformedEventError) return { event: error.message }
    throw error
  }
}

async function ownerOf(routes: StackAccess['routes'], event: SesEvent): Promise<string | undefined> {
  try {
    return await routes.ownerOf(event)
  } catch (error) {
    if (error instanceof UnownedEventError) return undefined
    throw error
  }
}
