/**
 * The file of the rows that an import did not take, with line and reason. It is created with the first such row, readable by its owner only: it
 * holds addresses.
 */
import { once } from 'node:events'
import { createWriteStream, type WriteStream } from 'node:fs'
import type { ImportOutcome } from '../importing/read-import.ts'
import { csvLine } from './output.ts'

export type NotTaken = Extract<ImportOutcome, { readonly why: string }>

const columns = ['file', 'line', 'outcome', 'reason', 'row']
/** Characters of a row that are kept: a row with a quote that is never closed may be long. */
const rowLength = 2_000

export function createRejectedRows(path: string) {
  let stream: WriteStream | undefined

  const open = (): WriteStream => {
    const created = createWriteStream(path, { mode: 0o600 })
    created.write(`${csvLine(columns)}\n`)
    return created
  }

  return {
    path,

    /** Resolves when the file has taken the row. @throws the error of the system if it cannot be written */
    async add(file: string, { line, type, why, raw }: NotTaken): Promise<void> {
      stream ??= open()
      if (!stream.write(`${csvLine([file, String(line), type, why, raw.slice(0, rowLength)])}\n`))
        await once(stream, 'drain')
    },

    /** @returns whether there is a file */
    async end(): Promise<boolean> {
      if (!stream) return false
      const ended = once(stream, 'close')
      stream.end()
      await ended
      return true
    },
  }
}

export type RejectedRows = ReturnType<typeof createRejectedRows>
