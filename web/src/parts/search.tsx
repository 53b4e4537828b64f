/** Finds an address, a message or a project. The text goes to the server in a body, so that it is in no URL and no history. */
import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { SearchAnswer } from '../../../src/dashboard/address-answers.ts'
import { type ProblemError, post, problemOf } from '../api.ts'
import { goTo } from '../router.ts'
import { Problem } from './basics.tsx'
import { Dialog } from './dialog.tsx'

export function Search() {
  const input = useRef<HTMLInputElement>(null)
  const text = useSignal('')
  const found = useSignal<SearchAnswer | undefined>(undefined)
  const problem = useSignal<ProblemError | undefined>(undefined)
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== '/' || isTyping(event)) return
      event.preventDefault()
      input.current?.focus()
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [])
  const close = () => {
    found.value = undefined
    problem.value = undefined
  }
  const submit = async (event: Event) => {
    event.preventDefault()
    if (text.value.trim() === '') return
    try {
      const answer = await post('search', { text: text.value }, SearchAnswer)
      const [first, ...others] = answer.found
      text.value = ''
      if (first && others.length === 0) goTo(first.to)
      else found.value = answer
    } catch (error) {
      problem.value = problemOf(error)
    }
  }
  return (
    <search>
      <form onSubmit={submit}>
        <label class="reader-only" for="search">
          Find an address, a message or a project
        </label>
        <input
          ref={input}
          id="search"
          type="search"
          autocomplete="off"
          placeholder="Find an address, message, project ( / )"
          value={text.value}
          onInput={({ currentTarget }) => {
            text.value = currentTarget.value
          }}
        />
      </form>
      {(found.value || problem.value) && (
        <Dialog title="Found" onClose={close}>
          {problem.value && <Problem problem={problem.value} />}
          {found.value?.found.length === 0 && <p>{found.value.none}</p>}
          <ul class="found">
            {found.value?.found.map(({ title, text: detail, to }) => (
              <li key={to}>
                <a href={to} onClick={close}>
                  {title}
                </a>{' '}
                <span class="quiet">{detail}</span>
              </li>
            ))}
          </ul>
          <div class="actions">
            <button type="button" onClick={close}>
              Close
            </button>
          </div>
        </Dialog>
      )}
    </search>
  )
}

export const isTyping = ({ target, ctrlKey, metaKey, altKey }: KeyboardEvent): boolean =>
  ctrlKey ||
  metaKey ||
  altKey ||
  target instanceof HTMLInputElement ||
  (target instanceof HTMLElement && target.closest('dialog') !== null)
