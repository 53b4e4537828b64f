/** Dead letters: what could not be processed? By cause, with what to do; show one, replay some, drop with a reason. */
import * as v from 'valibot'
import {
  DropDeadLettersAnswer,
  ReplayDeadLettersAnswer,
  DeadLetterAnswer as ShownLetter,
} from '../../operations/answers.ts'
import type { DeadLetterGroups } from '../dead-letter-groups.ts'
import { DashboardProblem, type DashboardRequest, readBody } from '../http.ts'
import { maskedText } from '../references.ts'
import type { AskFunction } from '../stack.ts'
import type { DeadLettersAnswer } from '../stack-answers.ts'

const LetterId = v.pipe(v.string(), v.regex(/^[\w-]{1,100}$/, 'must be the id of a message'))
const Ids = v.pipe(
  v.array(LetterId),
  v.minLength(1, 'must name at least one'),
  v.maxLength(1_000, 'must be 1,000 at most'),
)
const Show = v.strictObject({ id: LetterId, unmasked: v.optional(v.boolean(), false) })
const Replay = v.strictObject({ ids: Ids })
/** The reason is stored in a log, which holds no address. */
const Drop = v.strictObject({
  ids: Ids,
  why: v.pipe(
    v.string(),
    v.trim(),
    v.minLength(1, 'must not be empty'),
    v.maxLength(200, 'must be 200 characters at most'),
    v.regex(/^[^@]*$/, 'must not contain an address'),
  ),
})
/** Requests of one action. Each works for a minute at most. */
const mostSlices = 10

/** @param changed is called after a change, so that what was read before is read again */
export function createDeadLetterScreens(groups: DeadLetterGroups, ask: AskFunction, changed: () => void) {
  return {
    async list(): Promise<DeadLettersAnswer> {
      const { groups: found, more, readAt } = await groups.read()
      const count = found.reduce((sum, group) => sum + group.count, 0)
      return {
        groups: found,
        more,
        readAt: readAt.toISOString(),
        standing: count === 0 ? 'good' : 'warning',
        sentence:
          count === 0
            ? 'Nothing. Every event was recorded or ignored for a known reason.'
            : `${count.toLocaleString('en-US')}${more ? ' or more' : ''} event${count === 1 ? '' : 's'} could not be recorded, for ${found.length === 1 ? 'one cause' : `${found.length} causes`}. None is lost: each waits 14 days.`,
      }
    },

    /** Reads the queues again the next time. */
    refresh: groups.clear,

    async show(request: DashboardRequest) {
      const { id, unmasked } = readBody(Show, request)
      const { letter } = await ask('manage-dead-letters', { do: 'show', id }, ShownLetter)
      if (letter === undefined)
        throw new DashboardProblem(
          404,
          'No queue has this letter now.',
          'Somebody may be reading it. Wait a minute, then refresh the list.',
        )
      const content = JSON.stringify(letter.content, undefined, 2)
      return { content: unmasked ? content : maskedText(content) }
    },

    /** Idempotent, as recording is: an event that is applied twice counts once. */
    async replay(request: DashboardRequest) {
      const { ids } = readBody(Replay, request)
      const outcomes: { readonly id: string; readonly outcome: string }[] = []
      for (let slice = 0; slice < mostSlices; slice++) {
        const { results, more } = await ask('manage-dead-letters', { do: 'replay', ids }, ReplayDeadLettersAnswer)
        outcomes.push(...results)
        if (!more) break
      }
      groups.clear()
      changed()
      const failed = new Set(outcomes.filter(({ outcome }) => outcome === 'failed').map(({ id }) => id)).size
      const seen = new Set(outcomes.map(({ id }) => id)).size
      return { text: actionText('replayed', seen - failed, failed, ids.length - seen), failed }
    },

    /** Idempotent: a letter that is gone is not found. */
    async drop(request: DashboardRequest) {
      const { ids, why } = readBody(Drop, request)
      let count = 0
      for (let slice = 0; slice < mostSlices; slice++) {
        const { dropped, more } = await ask('manage-dead-letters', { do: 'drop', ids, why }, DropDeadLettersAnswer)
        count += dropped.length
        if (!more) break
      }
      groups.clear()
      changed()
      return { text: actionText('dropped', count, 0, ids.length - count), failed: 0 }
    },
  }
}

function actionText(done: string, count: number, failed: number, missing: number): string {
  const parts = [
    `${count} ${done}`,
    ...(failed > 0 ? [`${failed} failed again and stayed`] : []),
    ...(missing > 0 ? [`${missing} not found: somebody may be reading ${missing === 1 ? 'it' : 'them'}`] : []),
  ]
  return `${parts.join(', ')}.`
}
