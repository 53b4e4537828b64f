/**
 * Text on a terminal: its width in columns, cut and wrapped to a width. A Chinese character takes two columns, an accent none.
 */
import stringWidth from 'string-width'

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' })

export const widthOf = (text: string): number => stringWidth(text)

/** Pads with spaces to a width in columns. */
export const padded = (text: string, width: number): string => text + ' '.repeat(Math.max(0, width - widthOf(text)))

/** The beginning of the text that fits, with `…` if something is cut. */
export function cut(text: string, width: number): string {
  if (widthOf(text) <= width) return text
  return `${firstPart(text, width - 1)}…`
}

/** Lines that are at most so wide. They end between words; a longer word is broken, after a mark such as `@` if it has one. */
export function wrapped(text: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ').flatMap((one) => parts(one, width))) {
    if (line !== '' && widthOf(line) + 1 + widthOf(word) > width) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line]
}

function parts(word: string, width: number): string[] {
  const found: string[] = []
  let rest = word
  while (widthOf(rest) > width) {
    const most = firstPart(rest, width)
    if (most === '') break
    const first = /^.+[@/.:,;=&?-]/su.exec(most)?.[0] ?? most
    found.push(first)
    rest = rest.slice(first.length)
  }
  return [...found, rest]
}

function firstPart(text: string, width: number): string {
  let part = ''
  for (const { segment } of segmenter.segment(text)) {
    if (widthOf(part + segment) > width) return part
    part += segment
  }
  return part
}
