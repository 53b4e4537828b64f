/** Signs in with the token of the link, and knows what this dashboard may do. */
import { signal } from '@preact/signals'
import * as v from 'valibot'
import { SessionAnswer } from '../../src/dashboard/answers.ts'
import { get, type ProblemError, post, problemOf } from './api.ts'
import { takeToken } from './router.ts'

export type Session =
  | { readonly state: 'loading' }
  | { readonly state: 'refused'; readonly problem: ProblemError }
  | ({ readonly state: 'open' } & v.InferOutput<typeof SessionAnswer>)

export const session = signal<Session>({ state: 'loading' })

export const canWrite = (): boolean => session.value.state === 'open' && session.value.canWrite

export async function signIn(): Promise<void> {
  const token = takeToken()
  try {
    // A browser that is signed in may open the printed link again: then its token is not needed.
    if (token !== undefined) await post('session', { token }, v.object({})).catch(() => undefined)
    const answer = await get('session', SessionAnswer)
    if (answer) session.value = { state: 'open', ...answer.value }
  } catch (error) {
    session.value = { state: 'refused', problem: problemOf(error) }
  }
}

addEventListener('hashchange', () => {
  if (session.value.state === 'refused') void signIn()
})
