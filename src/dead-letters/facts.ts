/** What a dead letter says about itself, with the project that each event belongs to now. */
import type { SesEvent } from '../intake/event.ts'
import type { createRoutes } from '../projects/routes.ts'
import { UnownedEventError } from '../projects/unowned-event-error.ts'
import { contentOf, type Message } from './letter.ts'
import type { DeadLetterQueueName } from './queues.ts'

export type LetterFacts = {
  readonly id: string
  readonly queue: DeadLetterQueueName
  /** When it came into the queue. */
  readonly at: Date
  readonly cause: string
  /** Absent if no project owns the event, or if the letter holds no readable event. */
  readonly project?: string
  /** What it holds, in a few words. */
  readonly event: string
}

/** @returns message → its facts; rejects if the routes cannot be read */
export const createLetterReader =
  (routes: Pick<ReturnType<typeof createRoutes>, 'ownerOf'>) =>
  async (message: Message): Promise<LetterFacts> => {
    const { id, queue, at } = message
    const { events, cause, records, project: named } = contentOf(message)
    const [first] = events
    const readable = events.filter((event) => event.type !== 'none')
    const owner = readable[0] && (await ownerOf(routes, readable[0]))
    const unreadable = events.find((event) => event.type === 'none')
    const why = cause ?? unreadable?.why ?? owner?.why ?? 'unknown: see the log of the function'
    const project = named ?? owner?.project
    const event = first === undefined ? 'empty' : first.type === 'none' ? first.why : first.type
    return {
      id,
      queue,
      at,
      cause: why,
      event: records.length > 1 ? `${event} and ${records.length - 1} more` : event,
      ...(project !== undefined && { project }),
    }
  }

async function ownerOf(
  routes: Pick<ReturnType<typeof createRoutes>, 'ownerOf'>,
  event: SesEvent,
): Promise<{ readonly project?: string; readonly why?: string }> {
  try {
    return { project: await routes.ownerOf(event) }
  } catch (error) {
    if (error instanceof UnownedEventError) return { why: error.message }
    throw error
  }
}
