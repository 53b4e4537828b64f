/**
 * How far the import of a file is, in a file beside that of the rejected rows, so that an import that was interrupted goes on where it stopped. The rows after the
 * last checkpoint are written again, which changes nothing.
 */
import { createHash } from 'node:crypto'
import { readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import * as v from 'valibot'

const Checkpoint = v.object({
  fingerprint: v.string(),
  rows: v.number(),
  recorded: v.number(),
  unchanged: v.number(),
  begunAt: v.pipe(v.string(), v.isoTimestamp()),
})
export type Checkpoint = v.InferOutput<typeof Checkpoint>

/**
 * @param source path of the imported file. Standard input has no checkpoint, because it cannot be read again
 * @param folder where the checkpoint is kept
 * @param settings everything that decides what the import does
 */
export async function openCheckpoint(source: string, folder: string, settings: readonly unknown[]) {
  if (source === '-') return { find: async () => undefined, save: async () => {}, remove: async () => {} }
  const path = join(folder, `${basename(source)}.checkpoint.json`)
  const { size, mtimeMs } = await stat(source)
  const fingerprint = createHash('sha256')
    .update(JSON.stringify([source, size, mtimeMs, ...settings]))
    .digest('hex')

  return {
    /** `undefined` if there is none, or if it is one of another file or of other settings. */
    async find(): Promise<Checkpoint | undefined> {
      const text = await readFile(path, 'utf8').catch(() => '')
      const { success, output } = v.safeParse(v.pipe(v.string(), v.parseJson(), Checkpoint), text)
      return success && output.fingerprint === fingerprint ? output : undefined
    },

    /** Replaces the file in one step, so that it is never half written. */
    async save(progress: Omit<Checkpoint, 'fingerprint'>): Promise<void> {
      await writeFile(`${path}.new`, JSON.stringify({ fingerprint, ...progress }))
      await rename(`${path}.new`, path)
    },

    remove: () => rm(path, { force: true }),
  }
}

export type CheckpointFile = Awaited<ReturnType<typeof openCheckpoint>>
