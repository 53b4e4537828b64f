/** The smallest parts: signs of status, times, notices of problems, placeholders. */
import type { ComponentChildren } from 'preact'
import type { Standing } from '../../../src/dashboard/answers.ts'
import type { ProblemError } from '../api.ts'
import { clock } from '../live.ts'
import { agoText, exactText, standingWords } from '../texts.ts'

/** Each standing has a shape and a word of its own, beside its colour. */
const signs: Readonly<Record<Standing, string>> = { good: '●', warning: '▲', critical: '■', unknown: '○' }

export function Sign({ standing, word }: { standing: Standing; word?: string }) {
  return (
    <span class={`sign ${standing}`}>
      <span aria-hidden="true">{signs[standing]}</span> <span>{word ?? standingWords[standing]}</span>
    </span>
  )
}

/** A relative time. The exact one appears when it has the focus or the pointer. */
export function Time({ at }: { at: string }) {
  const exact = exactText(at)
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: the exact time must be readable with the keyboard.
    <time dateTime={at} title={exact} data-exact={exact} tabIndex={0}>
      {agoText(at, clock.value)}
    </time>
  )
}

/** What failed, what still holds, and what to do. */
export function Problem({ problem }: { problem: ProblemError }) {
  return (
    <div class="notice critical" role="alert">
      <strong>■ {problem.message}</strong> <span>{problem.next}</span>
    </div>
  )
}

/** Shows the layout of what will be here, not a spinner alone. */
export function Loading({ lines = 6 }: { lines?: number }) {
  return (
    <div class="loading" role="status">
      <span class="reader-only">Loading.</span>
      {Array.from({ length: lines }, (_, index) => (
        <div key={index} class="bar" aria-hidden="true" />
      ))}
    </div>
  )
}

export function Empty({ children }: { children: ComponentChildren }) {
  return <p class="empty">{children}</p>
}
