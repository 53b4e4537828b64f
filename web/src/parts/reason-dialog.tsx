/** Asks for a reason before a change, and says what the change will do. */
import { useSignal } from '@preact/signals'
import { type ProblemError, problemOf } from '../api.ts'
import { Problem } from './basics.tsx'
import { Dialog } from './dialog.tsx'

type Props = {
  readonly title: string
  readonly effect: string
  readonly action: string
  readonly example: string
  readonly run: (why: string) => Promise<void>
  readonly onClose: () => void
}

export function ReasonDialog({ title, effect, action, example, run, onClose }: Props) {
  const why = useSignal('')
  const isRunning = useSignal(false)
  const problem = useSignal<ProblemError | undefined>(undefined)
  const submit = async (event: Event) => {
    event.preventDefault()
    if (why.value.trim() === '' || isRunning.value) return
    isRunning.value = true
    try {
      await run(why.value.trim())
      onClose()
    } catch (error) {
      problem.value = problemOf(error)
    } finally {
      isRunning.value = false
    }
  }
  return (
    <Dialog title={title} onClose={onClose}>
      <p>{effect}</p>
      <form onSubmit={submit}>
        <label>
          Reason, stored with your name
          <input
            type="text"
            required
            maxLength={200}
            placeholder={example}
            value={why.value}
            onInput={({ currentTarget }) => {
              why.value = currentTarget.value
            }}
          />
        </label>
        {problem.value && <Problem problem={problem.value} />}
        <div class="actions">
          <button type="submit" class="primary" disabled={isRunning.value}>
            {isRunning.value ? 'Working …' : action}
          </button>
          <button type="button" onClick={onClose}>
            Cancel
          </button>
        </div>
      </form>
    </Dialog>
  )
}
