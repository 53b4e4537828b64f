/**
 * Operations on dead letters: `list`, `show`, `drop`, `replay`.
 *
 * A request names letters by id, queue, cause or project, and never holds an event: what is replayed is what AWS put into the queue.
 * A call works for a limited time. If it did not see every letter, its answer says `more: true`, and a call with the same request goes on.
 */
import * as v from 'valibot'
import type { LetterFacts } from '../dead-letters/facts.ts'
import { type Message, shownContentOf } from '../dead-letters/letter.ts'
import { type DeadLetterQueue, deadLetterQueues } from '../dead-letters/queues.ts'
import type { Decision, Pass } from '../dead-letters/receive.ts'
import type { ReplayOutcome } from '../dead-letters/replay.ts'
import { ProjectId } from '../projects/project.ts'
import type {
  AnswerOf,
  DeadLetterAnswer,
  DeadLettersAnswer,
  DropDeadLettersAnswer,
  ReplayDeadLettersAnswer,
} from './answers.ts'
import { createOperation } from './operation.ts'

/** Stands for the project of events that no project owns. */
const noProject = '-'
const LetterId = v.pipe(v.string(), v.regex(/^[\w-]{1,100}$/, 'must be the id of a message'))

/** Letters match if they match every field that is given. */
const selection = {
  ids: v.optional(v.pipe(v.array(LetterId), v.maxLength(1_000, 'must be 1,000 at most'))),
  queue: v.optional(v.picklist(deadLetterQueues, `must be one of ${deadLetterQueues.join(', ')}`)),
  /** A part of the cause, in any case. */
  cause: v.optional(v.pipe(v.string(), v.minLength(1, 'must not be empty'), v.maxLength(200, 'is too long'))),
  project: v.optional(v.union([ProjectId, v.literal(noProject)])),
}
/** Why letters are dropped. The log holds it, so it names no address. */
const DropReason = v.pipe(
  v.string(),
  v.regex(/^[^@\p{Cc}]{1,200}$/u, 'must be 1 to 200 characters in one line, without an address'),
)
type Selection = v.InferOutput<v.StrictObjectSchema<typeof selection, undefined>>

/** Well below the timeout of the function, which also allows for the invocations under way. */
const sliceMs = 60_000
/** Most letters in one answer: Lambda limits its size to 6 MB. */
const maxLetters = 1_000

type PassThrough = (
  queue: DeadLetterQueue,
  decide: (message: Message) => Promise<Decision>,
  goesOn: () => boolean,
  hides: () => boolean,
) => Promise<Pass>

type Deps = {
  readonly queues: readonly DeadLetterQueue[]
  readonly passThrough: PassThrough
  readonly factsOf: (message: Message) => Promise<LetterFacts>
  readonly now: () => Date
}

/** A request that would delete or replay every letter must say so. */
class NothingSelectedError extends Error {
  override readonly name = 'NothingSelectedError'
  readonly retryable = false

  constructor() {
    super('Name the dead letters by ids, queue, cause or project, or pass all: true for every one')
  }
}

const requireSelection = (wanted: Selection, all: true | undefined) => {
  const isSelected = Object.values(wanted).some((value) => value !== undefined)
  if (!isSelected && !all) throw new NothingSelectedError()
}

/** `list`: the letters, with `more` if there are others. With `continue`, the same request again lists those others. */
export const listDeadLetters = (deps: Deps) =>
  createOperation(
    { ...selection, continue: v.optional(v.boolean(), false) },
    async ({ continue: hide, ...wanted }): Promise<AnswerOf<typeof DeadLettersAnswer>> => {
      const letters: LetterFacts[] = []
      const { more } = await eachWanted(deps, wanted, hide, async (_, facts) => {
        letters.push(facts)
        return letters.length < maxLetters ? 'leave' : 'full'
      })
      return { letters, more }
    },
  )

/** `show`: one letter with its content, without external ids. Without `letter`, no queue holds it, or another receiver has it for some minutes. */
export const showDeadLetter = (deps: Deps) =>
  createOperation({ id: LetterId }, async ({ id }): Promise<AnswerOf<typeof DeadLetterAnswer>> => {
    let letter: AnswerOf<typeof DeadLetterAnswer>['letter']
    const { more } = await eachWanted(deps, { ids: [id] }, false, async ({ body }, facts) => {
      letter = { ...facts, content: shownContentOf(body) }
      return 'leave'
    })
    return { ...(letter && { letter }), more }
  })

/** `drop`: deletes letters. Idempotent: a letter that is gone is not found. */
export const dropDeadLetters = (deps: Deps, log: (line: object) => void) =>
  createOperation(
    { ...selection, all: v.optional(v.literal(true)), why: v.optional(DropReason) },
    async ({ all, why, ...wanted }, { by }): Promise<AnswerOf<typeof DropDeadLettersAnswer>> => {
      requireSelection(wanted, all)
      const dropped: LetterFacts[] = []
      const { more, undeleted } = await eachWanted(deps, wanted, true, async (_, facts) => {
        dropped.push(facts)
        return dropped.length < maxLetters ? 'delete' : 'delete and full'
      })
      const gone = dropped.filter(({ id }) => !undeleted.includes(id))
      for (const { id, queue, cause } of gone)
        log({ outcome: 'dead letter dropped', letter: id, queue, cause, by, ...(why !== undefined && { why }) })
      return { dropped: gone, more }
    },
  )

/** `replay`: applies letters through their functions, and deletes those of which no record failed. Idempotent, as recording is. */
export const replayDeadLetters = (deps: Deps, replay: (message: Message) => Promise<readonly ReplayOutcome[]>) =>
  createOperation(
    { ...selection, all: v.optional(v.literal(true)) },
    async ({ all, ...wanted }): Promise<AnswerOf<typeof ReplayDeadLettersAnswer>> => {
      requireSelection(wanted, all)
      const results: (ReplayOutcome & Pick<LetterFacts, 'id' | 'queue' | 'project'>)[] = []
      const { more } = await eachWanted(deps, wanted, true, async (message, { id, queue, project }) => {
        const outcomes = await replay(message)
        results.push(...outcomes.map((outcome) => ({ id, queue, ...(project && { project }), ...outcome })))
        const isApplied = outcomes.every(({ outcome }) => outcome !== 'failed')
        if (results.length >= maxLetters) return isApplied ? 'delete and full' : 'full'
        return isApplied ? 'delete' : 'leave'
      })
      return { results, more }
    },
  )

type Handled = 'delete' | 'leave' | 'delete and full' | 'full'

/**
 * Handles each letter that matches, until the time is up, all named ids are found, or the answer is full.
 * @param hide whether the letters that are left stay hidden until the same request has gone through the rest
 */
async function eachWanted(
  { queues, passThrough, factsOf, now }: Deps,
  wanted: Selection,
  hide: boolean,
  handle: (message: Message, facts: LetterFacts) => Promise<Handled>,
): Promise<{ readonly more: boolean; readonly undeleted: readonly string[] }> {
  const until = now().getTime() + sliceMs
  const missing = wanted.ids && new Set(wanted.ids)
  const undeleted: string[] = []
  let more = false
  let full = false
  const isFound = () => missing?.size === 0
  for (const queue of queues.filter(({ name }) => wanted.queue === undefined || wanted.queue === name)) {
    if (isFound()) break
    const decide = async (message: Message): Promise<Decision> => {
      if (full || (missing && !missing.has(message.id))) return 'leave'
      const facts = await factsOf(message)
      if (!matches(facts, wanted)) return 'leave'
      missing?.delete(message.id)
      const handled = await handle(message, facts)
      full ||= handled.endsWith('full')
      return handled.startsWith('delete') ? 'delete' : 'leave'
    }
    const goesOn = () => !full && !isFound() && now().getTime() < until
    const pass = await passThrough(queue, decide, goesOn, () => hide && !isFound())
    undeleted.push(...pass.undeleted)
    more ||= !pass.complete && !isFound()
  }
  return { more, undeleted }
}

function matches({ cause, project = noProject }: LetterFacts, wanted: Selection): boolean {
  if (wanted.cause !== undefined && !cause.toLowerCase().includes(wanted.cause.toLowerCase())) return false
  return wanted.project === undefined || wanted.project === project
}
