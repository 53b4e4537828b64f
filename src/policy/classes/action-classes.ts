/** Divides all actions into the classes that a set of patterns can distinguish. Actions are compared in lower case, as IAM does. */
import { piecesOf } from '../match.ts'
import { glob, literal, some, type TextPattern } from './text-pattern.ts'
import { accepts, wordClassesOf } from './words.ts'

const letters = 'abcdefghijklmnopqrstuvwxyz0123456789'
const anyAction = [[...some(`${letters}-`), ...literal(':'), ...some(`${letters}_`)]]

/**
 * @param patterns as in Action and NotAction
 * @param suggested actions to use as representatives of the classes that they are in
 * @returns one action of each class: a suggested or a named one if there is one
 */
export function actionClassesOf(patterns: readonly string[], suggested: readonly string[]): string[] {
  const distinct = [...new Set(patterns.map((pattern) => pattern.toLowerCase()))]
  const compiled = distinct.map((pattern) => glob(piecesOf(pattern)))
  const classes = wordClassesOf(compiled, anyAction, 'the action')
  const found = new Map(classes.map(({ word, matches }) => [matches.map(Number).join(''), word]))
  const named = patterns.filter((pattern) => !/[*?]/.test(pattern))
  const better = new Map<string, string>()
  for (const action of [...named, ...suggested]) {
    const key = signatureOf(action, compiled)
    if (found.has(key) && !better.has(key)) better.set(key, action)
  }
  return [...found].map(([key, word]) => better.get(key) ?? word)
}

const signatureOf = (action: string, compiled: readonly TextPattern[]) =>
  compiled.map((pattern) => Number(accepts(pattern, action.toLowerCase()))).join('')
