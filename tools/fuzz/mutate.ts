/** Makes hostile inputs from good ones: changes characters, cuts and repeats parts, joins two inputs, and puts in values that break parsers. */
import type { Random } from '../../local/simulation/random.ts'

const nasty: readonly string[] = [
  '',
  '\u0000',
  '\ufeff',
  '\u202e',
  '\ud800',
  '\r\n',
  '"',
  "'",
  '\\',
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  ';',
  '@',
  '<',
  '>',
  '*',
  '?',
  '${aws:username}',
  '__proto__',
  'constructor',
  'null',
  'true',
  '-1',
  '1e309',
  '9007199254740993',
  '2026-02-30T25:61:61.000Z',
  '+275760-09-13T00:00:00.001Z',
  'a@[127.0.0.1]',
  '"a b"@example.org',
  'a@xn--p1ai',
  '=cmd()',
  '5.1.1',
]

const changes: readonly ((text: string, random: Random, other: string) => string)[] = [
  (text, random) => splice(text, random, 1, random.pick(nasty)),
  (text, random) => splice(text, random, 0, random.pick(nasty)),
  (text, random) => splice(text, random, 1 + random.below(20), ''),
  (text, random) => splice(text, random, 0, String.fromCharCode(random.below(0x3000))),
  (text, random) => {
    const from = random.below(text.length + 1)
    return splice(text, random, 0, text.slice(from, from + 1 + random.below(60)))
  },
  (text, random, other) => text.slice(0, random.below(text.length + 1)) + other.slice(random.below(other.length + 1)),
  (text, random) => replaceValue(text, random),
  (text, random) => replaceValue(replaceValue(text, random), random),
]

export function mutate(text: string, other: string, random: Random): string {
  let changed = text
  for (let count = 1 + random.below(4); count > 0; count--) changed = random.pick(changes)(changed, random, other)
  return changed
}

function splice(text: string, random: Random, remove: number, put: string): string {
  const at = random.below(text.length + 1)
  return text.slice(0, at) + put + text.slice(at + remove)
}

const values: readonly string[] = ['null', '{}', '[]', '0', '""', '[[[[[]]]]]', '"\\u0000"', '{"__proto__":1}', 'true']

/** Replaces one value of a JSON text, so that it stays JSON more often than not. */
function replaceValue(text: string, random: Random): string {
  const found = [...text.slice(0, 4_000).matchAll(/:\s*("(?:[^"\\]|\\.)*"|\d+|true|false|null)/g)]
  const one = found[random.below(found.length)]
  if (one?.[1] === undefined) return text
  const start = one.index + one[0].length - one[1].length
  return text.slice(0, start) + random.pick(values) + text.slice(start + one[1].length)
}
