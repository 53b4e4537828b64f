/**
 * Divides all texts into the classes that a set of patterns can distinguish, each with a shortest text.
 *
 * Each pattern is a small automaton without loops other than a state's own. The walk visits, breadth first, every set of states that some
 * text leads to. Two texts that lead to the same set are matched by the same patterns, now and after any continuation, so the walk is
 * finite and misses no class. The characters that no pattern mentions are alike; one of them stands for all.
 */
import type { PatternStep, TextPattern } from './text-pattern.ts'
import { UndecidableQuestionError } from './undecidable.ts'

export type WordClass = {
  /** A shortest text of the class. */
  readonly word: string
  /** For each pattern, whether it matches the texts of the class. */
  readonly matches: readonly boolean[]
}

/** More sets of states than any set of policies in use needs. */
const maxStates = 200_000
const maxClasses = 20_000

/** Characters that stand for those that no pattern mentions. The last is in no name that AWS accepts. */
const strangers = [...'xyzqwkvjuhgfdbcmnoprstaeil0987654321-_XYZQWKVJ', '\u2603']

/**
 * @param patterns the patterns to distinguish
 * @param universe patterns of which a text must match one to count
 * @param dimension what the texts are, for the error
 * @throws UndecidableQuestionError if the patterns have too many states or classes
 */
export function wordClassesOf(
  patterns: readonly TextPattern[],
  universe: readonly TextPattern[],
  dimension: string,
): WordClass[] {
  const walk = createWalk([...patterns, ...universe])
  const firstOfUniverse = patterns.reduce((sum, { length }) => sum + length + 1, 0)
  const found = new Map<string, WordClass>()
  const seen = new Set<string>([walk.start.join()])
  let level: { states: readonly number[]; word: string }[] = [{ states: walk.start, word: '' }]
  while (level.length > 0) {
    const next: typeof level = []
    for (const { states, word } of level) {
      const accepted = walk.acceptedIn(states)
      const matches = patterns.map((_, index) => accepted.has(index))
      const key = matches.map(Number).join('')
      const counts = universe.some((_, index) => accepted.has(patterns.length + index))
      if (counts && !found.has(key)) found.set(key, { word, matches })
      for (const char of walk.charsIn(states)) {
        const to = walk.after(states, char)
        // The states of the universe have the highest numbers. Without one, no continuation counts.
        if ((to.at(-1) ?? -1) < firstOfUniverse) continue
        const set = to.join()
        if (seen.has(set)) continue
        seen.add(set)
        next.push({ states: to, word: word + char })
      }
    }
    if (seen.size > maxStates || found.size > maxClasses)
      throw new UndecidableQuestionError(
        dimension,
        `has ${patterns.length} patterns with more than ${found.size > maxClasses ? `${maxClasses} classes` : `${maxStates} states`}`,
        'Ask about fewer policies or name the values',
      )
    level = next
  }
  return [...found.values()]
}

/** Judges texts: which of the patterns match. */
export function createMatcher(patterns: readonly TextPattern[]): (text: string) => boolean[] {
  const walk = createWalk(patterns)
  return (text) => {
    const end = [...text].reduce<readonly number[]>((states, char) => walk.after(states, char), walk.start)
    const accepted = walk.acceptedIn(end)
    return patterns.map((_, index) => accepted.has(index))
  }
}

/** The states of all patterns, numbered through. State `first + i` of a pattern waits for step `i`; the last one accepts. */
function createWalk(patterns: readonly TextPattern[]) {
  /** The step for which each state waits; `undefined` if the state accepts. */
  const steps = patterns.flatMap((pattern): (PatternStep | undefined)[] => [...pattern, undefined])
  const owners = patterns.flatMap((pattern, index) => Array.from({ length: pattern.length + 1 }, () => index))
  let size = 0
  const firsts = patterns.map(({ length }) => {
    const first = size
    size += length + 1
    return first
  })
  const stranger = strangerOf(patterns)

  /** Adds a state, and those that follow it without a character: a step that repeats may be taken no times. */
  function add(states: number[], state: number): void {
    for (let at = state; ; at++) {
      // States are added nearly in order, so most are greater than the last.
      if (at > (states.at(-1) ?? -1)) states.push(at)
      else if (!states.includes(at)) {
        states.push(at)
        states.sort((one, other) => one - other)
      }
      if (!steps[at]?.repeats) return
    }
  }
  const start: number[] = []
  for (const first of firsts) add(start, first)

  return {
    start,
    acceptedIn: (states: readonly number[]) =>
      new Set(states.filter((state) => steps[state] === undefined).map((state) => owners[state])),
    /** The characters after which the states can differ: those that a step names, and one that none names. */
    charsIn(states: readonly number[]): Iterable<string> {
      const chars = new Set<string>([stranger])
      for (const state of states) for (const char of steps[state]?.chars ?? '') chars.add(char)
      return chars
    },
    after(states: readonly number[], char: string): number[] {
      const to: number[] = []
      for (const state of states) {
        const step = steps[state]
        if (step !== undefined && step.chars.includes(char) !== step.not) add(to, step.repeats ? state : state + 1)
      }
      return to
    },
  }
}

/** A character that no step names. */
function strangerOf(patterns: readonly TextPattern[]): string {
  const named = new Set(patterns.flatMap((steps) => steps.flatMap(({ chars }) => [...chars])))
  const found = strangers.find((char) => !named.has(char))
  if (found !== undefined) return found
  for (let code = 0x4e00; ; code++) if (!named.has(String.fromCodePoint(code))) return String.fromCodePoint(code)
}
