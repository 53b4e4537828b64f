/** The frame of a screen: its one question as the heading, the answer in a sentence, then the evidence. */
import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import type { Standing } from '../../../src/dashboard/answers.ts'
import type { ProblemError } from '../api.ts'
import { Loading, Problem, Sign } from './basics.tsx'

type Answer = { readonly sentence: string; readonly standing: Standing; readonly word?: string }

type Props = {
  readonly question: string
  /** Shown above the question: whose screen it is. */
  readonly about?: ComponentChildren
  readonly answer: Answer | undefined
  readonly problem: ProblemError | undefined
  readonly children?: ComponentChildren
}

export function Screen({ question, about, answer, problem, children }: Props) {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    document.title = `${question} · Sesame`
    // A screen reader says the question of the new screen first. Whoever is typing is not interrupted.
    const { activeElement } = document
    if (activeElement instanceof HTMLInputElement && activeElement.value !== '') return
    heading.current?.focus({ preventScroll: true })
  }, [question])
  return (
    <main id="main">
      {about && <p class="about">{about}</p>}
      <h1 ref={heading} tabIndex={-1}>
        {question}
      </h1>
      {answer && (
        <p class="answer">
          <Sign standing={answer.standing} {...(answer.word !== undefined && { word: answer.word })} />
          <span>{answer.sentence}</span>
        </p>
      )}
      {problem && <Problem problem={problem} />}
      {answer ? children : !problem && <Loading />}
    </main>
  )
}

export function Section({ title, note, children }: { title: string; note?: string; children: ComponentChildren }) {
  return (
    <section>
      <h2>{title}</h2>
      {note && <p class="note">{note}</p>}
      {children}
    </section>
  )
}
