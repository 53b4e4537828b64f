/**
 * The lines of a text file or of standard input, as they are read.
 */
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { InputError, problemOf } from './input.ts'

/** Lines with text, numbered from 1. @param source path of a file, or `-` for standard input. @throws InputError */
export async function* readLines(source: string): AsyncGenerator<{ readonly line: number; readonly text: string }> {
  const input = source === '-' ? process.stdin : createReadStream(source)
  let line = 0
  try {
    for await (const text of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
      line++
      const trimmed = text.replace(/^\ufeff/, '').trim()
      if (trimmed !== '') yield { line, text: trimmed }
    }
  } catch (error) {
    throw new InputError(source, `${source} ${problemOf(error)}`)
  }
}
