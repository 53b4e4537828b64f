/**
 * Questions about policies with a variable within a longer pattern, such as `${aws:PrincipalTag/project}#*`: they are asked for each value of the
 * variable that can make a difference.
 *
 * With a value, the pattern is text. A value that occurs nowhere in the policies stands for every other such value: what is decided for it is decided
 * for them. Other values are those at which the text meets another pattern: the words before a `#` (`route#*`), and absence. A value with a `#`
 * of its own is not considered: no name of a project has one (src/projects/project.ts).
 */
import type { KeyValue } from './key-values.ts'
import { type Representative, representativesOf, type Space } from './requests.ts'

/** @throws UndecidableQuestionError */
export function* representativesWithNames(space: Space): Generator<Representative> {
  for (const fixed of fixedValuesOf(space)) yield* representativesOf({ ...space, fixed: { ...fixed, ...space.fixed } })
}

/** Values for the variables that stand within patterns. One question without values if there are none. */
export function fixedValuesOf({
  documents,
  fixed = {},
}: Pick<Space, 'documents' | 'fixed'>): Record<string, KeyValue>[] {
  const texts = documents.flatMap(({ Statement }) =>
    Statement.flatMap(({ Condition = {} }) => Object.values(Condition).flatMap((keys) => Object.values(keys).flat())),
  )
  const given = new Set(Object.keys(fixed).map((key) => key.toLowerCase()))
  const embedded = new Set(texts.flatMap(embeddedIn).filter((key) => !given.has(key)))
  const words = new Set(texts.flatMap((text) => /^([\w-]+)#/.exec(text)?.[1] ?? []))
  const values: KeyValue[] = [undefined, otherThan(texts), ...words]
  return [...embedded].reduce<Record<string, KeyValue>[]>(
    (found, key) => found.flatMap((one) => values.map((value) => ({ ...one, [key]: value }))),
    [{}],
  )
}

/** Keys of sessions, in lower case, that stand within a longer text. */
const embeddedIn = (text: string): string[] =>
  /^\$\{[^}]*\}$/.test(text)
    ? []
    : Array.from(text.matchAll(/\$\{(aws:(?:Principal|Request)Tag\/[^},]+)/gi), ([, key = '']) => key.toLowerCase())

/** A readable value that occurs in none of the texts. */
function otherThan(texts: readonly string[]): string {
  let value = 'any-name'
  while (texts.some((text) => text.includes(value))) value += 'x'
  return value
}
