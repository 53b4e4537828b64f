/** What could not be processed? */
import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { countText } from '../../../src/charts/numbers.ts'
import { DeadLetterActionAnswer, DeadLetterAnswer, DeadLettersAnswer } from '../../../src/dashboard/stack-answers.ts'
import { announce } from '../announce.ts'
import { type ProblemError, post, problemOf } from '../api.ts'
import { useLive } from '../live.ts'
import { Empty, Problem, Time } from '../parts/basics.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { ReasonDialog } from '../parts/reason-dialog.tsx'
import { Screen } from '../parts/screen.tsx'
import { canWrite } from '../session.ts'

type Group = DeadLettersAnswer['groups'][number]

export function DeadLetters() {
  const { value, problem, again } = useLive('dead-letters', DeadLettersAnswer)
  const outcome = useSignal('')
  const refresh = async () => {
    await post('dead-letters/refresh', {}, DeadLettersAnswer)
    again()
  }
  const tell = (text: string) => {
    outcome.value = text
    announce(text)
    again()
  }
  return (
    <Screen question="What could not be processed?" answer={value} problem={problem}>
      {value && (
        <>
          <div class="actions">
            <button type="button" onClick={() => void refresh().catch((error) => tell(problemOf(error).message))}>
              Read the queues again
            </button>
            <span class="note">
              Read <Time at={value.readAt} />. Reading hides the letters from others for a moment, so it is done once a
              minute.
            </span>
          </div>
          <p role="status">{outcome.value}</p>
          {value.groups.length === 0 && (
            <Empty>
              No dead letter. An event that cannot be recorded appears here with its cause, and waits 14 days.
            </Empty>
          )}
          <ul class="letters">
            {value.groups.map((group) => (
              <LetterGroup key={`${group.queue} ${group.project} ${group.cause}`} group={group} tell={tell} />
            ))}
          </ul>
          {value.more && (
            <p class="note">
              There are more than are shown: <code>sesame dead-letters list</code>
            </p>
          )}
        </>
      )}
    </Screen>
  )
}

function LetterGroup({ group, tell }: { group: Group; tell: (text: string) => void }) {
  const { title, cause, project, queue, count, oldest, advice, letters } = group
  const shown = useSignal<string | undefined>(undefined)
  const isDropping = useSignal(false)
  const isReplaying = useSignal(false)
  const problem = useSignal<ProblemError | undefined>(undefined)
  const ids = letters.map(({ id }) => id)
  const replay = async () => {
    isReplaying.value = true
    problem.value = undefined
    try {
      tell((await post('dead-letters/replay', { ids }, DeadLetterActionAnswer)).text)
    } catch (error) {
      problem.value = problemOf(error)
    } finally {
      isReplaying.value = false
    }
  }
  const many = ids.length === 1 ? 'it' : `${countText(ids.length)} of them`
  return (
    <li>
      <h2>
        {countText(count)} × {title}
      </h2>
      <p class="quiet">
        {project ?? 'no project'} · queue of {queue} · the oldest <Time at={oldest} />
      </p>
      {cause !== title && <p>{cause.slice(title.length + 2)}</p>}
      <p>{advice}</p>
      {canWrite() ? (
        <div class="actions">
          <button type="button" class="primary" disabled={isReplaying.value} onClick={replay}>
            {isReplaying.value ? 'Replaying …' : `Replay ${many}`}
          </button>
          <button type="button" onClick={() => (isDropping.value = true)}>
            Drop {many} …
          </button>
        </div>
      ) : (
        <p class="note">
          This dashboard only reads. To replay or drop: <code>sesame dashboard --write</code>
        </p>
      )}
      {problem.value && <Problem problem={problem.value} />}
      <details>
        <summary>Show the letters</summary>
        <ul class="ids">
          {letters.map(({ id, event, at }) => (
            <li key={id}>
              <button type="button" class="small" onClick={() => (shown.value = id)}>
                Show
              </button>{' '}
              {event}, <Time at={at} /> <small class="code">{id}</small>
            </li>
          ))}
        </ul>
      </details>
      {shown.value !== undefined && <Content id={shown.value} onClose={() => (shown.value = undefined)} />}
      {isDropping.value && (
        <ReasonDialog
          title={`Drop ${many}`}
          effect={`The ${ids.length === 1 ? 'event is' : 'events are'} deleted and cannot be replayed. If one is a bounce, its address is not suppressed.`}
          action="Drop"
          example="test mail of another team"
          run={async (why) => tell((await post('dead-letters/drop', { ids, why }, DeadLetterActionAnswer)).text)}
          onClose={() => {
            isDropping.value = false
          }}
        />
      )}
    </li>
  )
}

function Content({ id, onClose }: { id: string; onClose: () => void }) {
  const content = useSignal<string | undefined>(undefined)
  const isUnmasked = useSignal(false)
  const problem = useSignal<ProblemError | undefined>(undefined)
  const load = async (unmasked: boolean) => {
    try {
      content.value = (await post('dead-letters/show', { id, unmasked }, DeadLetterAnswer)).content
      isUnmasked.value = unmasked
    } catch (error) {
      problem.value = problemOf(error)
    }
  }
  useEffect(() => void load(false), [id])
  return (
    <Dialog title="Dead letter" onClose={onClose}>
      {problem.value && <Problem problem={problem.value} />}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a long text must be scrollable with the keyboard. */}
      <pre tabIndex={0}>{content.value ?? 'Reading the queue …'}</pre>
      <div class="actions">
        <button type="button" onClick={() => void load(!isUnmasked.value)}>
          {isUnmasked.value ? 'Mask the addresses' : 'Show the addresses'}
        </button>
        <button type="button" onClick={onClose}>
          Close
        </button>
      </div>
    </Dialog>
  )
}
