/** Dead letters by cause, with what to do about each. Reading them takes them from their queues for a moment, so it is done once a minute. */
import type * as v from 'valibot'
import { type DeadLetterFacts, DeadLettersAnswer as ListedLetters } from '../operations/answers.ts'
import { createKept } from './kept.ts'
import { maskedText } from './references.ts'
import type { AskFunction } from './stack.ts'
import type { DeadLettersAnswer } from './stack-answers.ts'

type Letter = v.InferOutput<typeof DeadLetterFacts>
export type LetterGroup = DeadLettersAnswer['groups'][number]

const keepMs = 60_000
/** Letters whose ids a group lists. */
const mostIds = 100

export type DeadLetterGroups = ReturnType<typeof createDeadLetterGroups>

export function createDeadLetterGroups(ask: AskFunction, now: () => Date) {
  const kept = createKept<{ readonly groups: LetterGroup[]; readonly more: boolean; readonly readAt: Date }>(
    () => keepMs,
    () => now().getTime(),
  )
  return {
    read: () =>
      kept.of('all', async () => {
        const { letters, more } = await ask('manage-dead-letters', { do: 'list' }, ListedLetters)
        return { groups: groupsOf(letters), more, readAt: now() }
      }),
    /** Reads the queues again the next time. */
    clear: kept.clear,
  }
}

function groupsOf(letters: readonly Letter[]): LetterGroup[] {
  const groups = Map.groupBy(letters, ({ cause, project, queue }) => JSON.stringify([cause, project, queue]))
  return [...groups.values()]
    .flatMap((group) => {
      const inOrder = group.toSorted((one, other) => (one.at < other.at ? -1 : 1))
      const [oldest] = inOrder
      if (!oldest) return []
      const { cause, project, queue } = oldest
      return [
        {
          title: titleOf(cause),
          cause: maskedText(cause),
          ...(project !== undefined && { project }),
          queue,
          count: group.length,
          oldest: oldest.at,
          advice: adviceOf(cause),
          letters: inOrder.slice(0, mostIds).map(({ id, event, at }) => ({ id, event: maskedText(event), at })),
        },
      ]
    })
    .sort((one, other) => other.count - one.count)
}

/** `UnownedEventError: No project …` → `UnownedEventError` */
const titleOf = (cause: string): string => maskedText(/^([\w ]{1,80}?):/.exec(cause)?.[1] ?? cause)

const advice: readonly (readonly [RegExp, string])[] = [
  [/UnownedEvent/, 'If the mail is not yours, drop it. Nothing is suppressed by it then.'],
  [/Malformed/, 'This is no event of SES. Look at it; if nothing was lost, drop it.'],
  [/AccessDenied|not authorized/i, 'A role lacks a permission. Deploy the stack again, then replay.'],
  [
    /Throttl|ProvisionedThroughput|timed? ?out|could not invoke|RetriesExhausted|EventAgeExceeded/i,
    'Something was unavailable for a while. Replay: recording is idempotent, so nothing counts twice.',
  ],
]

const adviceOf = (cause: string): string =>
  advice.find(([pattern]) => pattern.test(cause))?.[1] ??
  'Look at one of them. When the cause is repaired, replay; recording is idempotent, so nothing counts twice.'
