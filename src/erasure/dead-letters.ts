/**
 * Deletes the dead letters that are about one address only.
 *
 * A letter that names other people, too, is kept: their events would be lost with it. SQS cannot change a message.
 */
import * as v from 'valibot'
import { concurrently } from '../concurrently.ts'
import { contentOf, type LetterContent, type Message } from '../dead-letters/letter.ts'
import type { DeadLetterQueue, DeadLetterQueueName } from '../dead-letters/queues.ts'
import type { Decision, Pass } from '../dead-letters/receive.ts'
import { addressIn, hasAddress } from './redact.ts'

export type FoundLetter = { readonly id: string; readonly queue: DeadLetterQueueName }

export type LettersPass = {
  /** Letters that were deleted, or would be. */
  readonly erased: readonly FoundLetter[]
  /** Letters that name other people, too, or cannot be read. */
  readonly kept: readonly FoundLetter[]
  /** Whether the time was up before all letters were seen. */
  readonly more: boolean
}

export type PassThrough = (
  queue: DeadLetterQueue,
  decide: (message: Message) => Promise<Decision>,
  goesOn: () => boolean,
  hides: () => boolean,
) => Promise<Pass>

/** Idempotent: a letter that is gone is not found again. */
export async function eraseDeadLetters(
  passThrough: PassThrough,
  queues: readonly DeadLetterQueue[],
  address: string,
  changes: boolean,
  goesOn: () => boolean,
): Promise<LettersPass> {
  const erased: FoundLetter[] = []
  const kept: FoundLetter[] = []
  let more = false
  // Each queue is asked until it is empty, which takes a second.
  await concurrently(queues, queues.length, async (queue) => {
    const decide = async (message: Message): Promise<Decision> => {
      const { id, body } = message
      if (!hasAddress(textOf(body), address)) return 'leave'
      const isOnly = isTaskOf(body, address) || isOnlyAbout(contentOf(message), address)
      if (isOnly) erased.push({ id, queue: queue.name })
      else kept.push({ id, queue: queue.name })
      return isOnly && changes ? 'delete' : 'leave'
    }
    const { complete, undeleted } = await passThrough(queue, decide, goesOn, () => false)
    for (const id of undeleted) kept.push({ id, queue: queue.name })
    more ||= !complete
  })
  return { erased: erased.filter(({ id }) => !kept.some((one) => one.id === id)), kept, more }
}

/** The quotes of JSON in JSON are escaped: without the escapes, an address in it stands between other characters. */
const textOf = (body: string): string => body.replaceAll(/\\+(?:u003[ce]|["n/])/gi, ' ')

const Task = v.pipe(v.string(), v.parseJson(), v.object({ project: v.string(), address: v.string() }))

/** Whether a letter is the outstanding work of one address (src/propagation/retry-queue.ts). */
const isTaskOf = (body: string, address: string): boolean => {
  const { success, output } = v.safeParse(Task, body)
  return success && addressIn(output.address) === address
}

/** Whether every record is a readable event, and each address in it is the person's. */
function isOnlyAbout({ events }: LetterContent, address: string): boolean {
  return (
    events.length > 0 &&
    events.every((event) => event.type !== 'none' && recipientsIn(event).every((one) => addressIn(one) === address))
  )
}

type Event = Exclude<LetterContent['events'][number], { type: 'none' }>

function recipientsIn(event: Event): string[] {
  const of = (recipients: readonly { readonly address: string }[]) => recipients.map((one) => one.address)
  switch (event.type) {
    case 'Bounce':
      return [...event.mail.destination, ...of(event.bounce.recipients)]
    case 'Complaint':
      return [...event.mail.destination, ...of(event.complaint.recipients)]
    case 'Delivery':
      return [...event.mail.destination, ...of(event.delivery.recipients)]
    case 'DeliveryDelay':
      return [...event.mail.destination, ...of(event.deliveryDelay.recipients)]
    default:
      return [...event.mail.destination]
  }
}
