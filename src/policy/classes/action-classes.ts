/** Divides all actions into the classes that a set of patterns can distinguish. Actions are compared in lower case, as IAM does. */
import { piecesOf } from '../match.ts'
import { glob, literal, some, type TextPattern } from './text-pattern.ts'
import { createMatcher, type WordClass, wordClassesOf } from './words.ts'

const letters = 'abcdefghijklmnopqrstuvwxyz0123456789'
const inName = `${letters}-_`
const anyAction = [[...some(inName), ...literal(':'), ...some(inName)]]

/** The actions that a pattern matches, as a pattern whose wildcards match only what an action can contain. */
const within = (pattern: string): readonly TextPattern[] =>
  pattern === '*'
    ? anyAction
    : [glob(piecesOf(pattern.toLowerCase())).map((step) => (step.not ? { ...step, chars: inName, not: false } : step))]

/**
 * @param patterns as in Action and NotAction
 * @param limits only actions that one of these patterns matches
 * @param suggested actions to use as representatives of the classes that they are in
 * @returns one action of each class: a suggested or a named one if there is one
 */
export function actionClassesOf(
  patterns: readonly string[],
  limits: readonly string[],
  suggested: readonly string[],
): string[] {
  const distinct = [...new Set(patterns.map((pattern) => pattern.toLowerCase()))]
  const { classes, matches } = dividedBy(distinct, limits)
  const found = new Map(classes.map((one) => [keyOf(one.matches), one.word]))
  const named = patterns.filter((pattern) => !/[*?]/.test(pattern))
  const better = new Map<string, string>()
  for (const action of [...named, ...suggested]) {
    const key = keyOf(matches(action.toLowerCase()))
    if (found.has(key) && !better.has(key)) better.set(key, action)
  }
  return [...found].map(([key, word]) => better.get(key) ?? word)
}

const keyOf = (matches: readonly boolean[]) => matches.map(Number).join('')

type Division = { readonly classes: readonly WordClass[]; readonly matches: (text: string) => boolean[] }

/** The policies of a role contain the same actions in many questions about it. */
const divisions = new Map<string, Division>()
const maximumDivisions = 200

function dividedBy(patterns: readonly string[], limits: readonly string[]): Division {
  const key = JSON.stringify([patterns, limits])
  const known = divisions.get(key)
  if (known !== undefined) return known
  const compiled = patterns.map((pattern) => glob(piecesOf(pattern)))
  const division = {
    classes: wordClassesOf(compiled, limits.flatMap(within), 'the action'),
    matches: createMatcher(compiled),
  }
  if (divisions.size >= maximumDivisions) divisions.clear()
  divisions.set(key, division)
  return division
}
