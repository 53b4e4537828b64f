/** Reads an import from memory. */
import { type ImportOptions, readImport } from '../../src/importing/read-import.ts'

export const now = new Date('2026-03-02T12:00:00Z')

async function* streamOf(chunks: readonly (Buffer | string)[]): AsyncGenerator<Buffer> {
  for (const chunk of chunks) yield Buffer.from(chunk)
}

export async function collect(chunks: readonly (Buffer | string)[], options: Partial<ImportOptions> = {}) {
  const opened = await readImport(streamOf(chunks), {
    fileName: 'file.csv',
    include: new Set(),
    offsetMinutes: 0,
    now,
    ...options,
  })
  const outcomes = opened ? await Array.fromAsync(opened.outcomes) : []
  return { format: opened?.format.id, rows: outcomes.map(({ raw: _, ...row }) => row) }
}

/** The message with which a file is refused. */
export const refusalOf = (
  chunks: readonly (Buffer | string)[],
  options: Partial<ImportOptions> = {},
): Promise<string> =>
  collect(chunks, options).then(
    ({ format }) => `was read as ${format}`,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  )
