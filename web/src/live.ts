/** Asks a question again every two seconds while somebody looks, and keeps the last answer if one fails. */
import { type Signal, signal, useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type * as v from 'valibot'
import { get, type ProblemError, problemOf } from './api.ts'

const everyMs = 2_000
const afterFailureMs = 6_000

/** When the server last answered, and whether it does. For the head of the page. */
export const lastAnswerAt = signal<number | undefined>(undefined)
export const isAnswering = signal(true)
/** Changes each second, for relative times. */
export const clock = signal(Date.now())
setInterval(() => {
  clock.value = Date.now()
}, 1_000)

export type Live<T> = {
  readonly value: T | undefined
  readonly problem: ProblemError | undefined
  /** Asks at once, after a change. */
  readonly again: () => void
}

/** @param path of the question; a new one begins anew */
export function useLive<Schema extends v.GenericSchema>(path: string, schema: Schema): Live<v.InferOutput<Schema>> {
  const answer: Signal<{ path: string; etag: string; value: v.InferOutput<Schema> } | undefined> = useSignal(undefined)
  const problem = useSignal<ProblemError | undefined>(undefined)
  const asked = useSignal(0)

  useEffect(() => {
    let timer: number | undefined
    let ended = false
    const ask = async () => {
      if (document.hidden) return
      try {
        const known = answer.value?.path === path ? answer.value.etag : undefined
        const fresh = await get(path, schema, known)
        if (ended) return
        if (fresh) answer.value = { path, ...fresh }
        problem.value = undefined
        lastAnswerAt.value = Date.now()
        isAnswering.value = true
      } catch (error) {
        if (ended) return
        problem.value = problemOf(error)
        isAnswering.value = problem.value.status !== 0
      }
      clearTimeout(timer)
      timer = setTimeout(ask, problem.value ? afterFailureMs : everyMs)
    }
    const onVisible = () => void ask()
    document.addEventListener('visibilitychange', onVisible)
    void ask()
    return () => {
      ended = true
      clearTimeout(timer)
      document.removeEventListener('visibilitychange', onVisible)
    }
  }, [path, asked.value])

  const value = answer.value?.path === path ? answer.value.value : undefined
  return { value, problem: problem.value, again: () => void asked.value++ }
}
