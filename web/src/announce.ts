/** Tells screen readers what is new: politely, and at most one message in five seconds. The latest one wins. */
import { signal } from '@preact/signals'

export const announcement = signal('')

const pauseMs = 5_000
let waiting: string | undefined
let isPaused = false

export function announce(text: string): void {
  if (isPaused) {
    waiting = text
    return
  }
  announcement.value = text
  isPaused = true
  setTimeout(() => {
    isPaused = false
    const next = waiting
    waiting = undefined
    if (next !== undefined) announce(next)
  }, pauseMs)
}
