/**
 * `npm start -- --data DIR`: goes on with the state of the run before, and keeps it up to date.
 *
 * The state is written when no call has arrived for a while and all deliveries are done, and when the process ends.
 */
import * as v from 'valibot'
import { minuteOf } from '../../src/cli/columns.ts'
import type { Aws } from '../aws.ts'
import { AwsError } from '../service.ts'
import { damaged, lockFolder, type Place, readState, type SavedState, writeState } from '../state/state-file.ts'
import { suppressionLists } from './main-flow.ts'
import { operatorStack } from './run.ts'

const quietMs = 1_000

export type DataFolder = {
  readonly folder: string
  /** The state of the run before, if there was one. */
  readonly saved: SavedState | undefined
  /** Idempotent. @throws StateFileError if the state cannot be used */
  restore(aws: Aws): Promise<void>
  /** Writes the state. */
  save(aws: Aws): Promise<void>
  /** Saves whenever calls were made and none is made any more. @returns a function that ends it */
  saveWhenQuiet(aws: Aws, onFailure: (cause: unknown) => void): () => void
  /** Lets another process use the folder. */
  close(): void
}

/** @throws StateFileError if another process uses the folder, or its state is damaged or belongs to another deployment */
export function openDataFolder(folder: string, place: Place): DataFolder {
  const close = lockFolder(folder)
  const saved = readOrRelease(folder, place, close)
  const runs = (saved?.runs ?? 0) + 1
  const save = async (aws: Aws): Promise<void> => {
    await aws.settled()
    writeState(folder, place, { savedAt: aws.clock.now(), runs, state: await aws.state.dump() })
  }
  return {
    folder,
    saved,
    save,
    close,
    async restore(aws) {
      try {
        if (saved) await aws.state.restore(saved.state)
      } catch (cause) {
        if (!(cause instanceof AwsError || v.isValiError(cause))) throw cause
        throw damaged(folder, `its state cannot be restored (${cause.message})`, { cause })
      }
    },
    saveWhenQuiet(aws, onFailure) {
      let [savedCalls, calls, isSaving] = [aws.record.length, aws.record.length, false]
      const timer = setInterval(() => {
        const isQuiet = aws.record.length === calls
        calls = aws.record.length
        if (!isQuiet || isSaving || calls === savedCalls) return
        isSaving = true
        const saving = calls
        save(aws)
          .then(() => {
            savedCalls = saving
          })
          .catch(onFailure)
          .finally(() => {
            isSaving = false
          })
      }, quietMs)
      return () => clearInterval(timer)
    },
  }
}

function readOrRelease(folder: string, place: Place, close: () => void): SavedState | undefined {
  try {
    return readState(folder, place)
  } catch (cause) {
    close()
    throw cause
  }
}

/** What was restored, in two lines. */
export async function restoredReport(aws: Aws, { folder, saved }: DataFolder): Promise<string> {
  const lists = [...(await suppressionLists(await operatorStack(aws), aws.clock.now())).values()]
  const suppressed = lists.flat().filter(({ verdict }) => verdict.state === 'suppressed')
  const waiting = [...aws.sqs.queues.values()].reduce((sum, { messages }) => sum + messages.length, 0)
  const counts = [
    countOf(lists.length, 'project', 'projects'),
    countOf(suppressed.length, 'suppressed address', 'suppressed addresses'),
    countOf(waiting, 'message in a queue', 'messages in queues'),
  ]
  return `State of ${minuteOf(saved?.savedAt ?? aws.clock.now())} restored from ${folder}: ${counts.join(', ')}.
The main flow did not run again, and no mail was sent. To begin anew, delete ${folder}/state.json.`
}

const countOf = (count: number, one: string, many: string) => `${count} ${count === 1 ? one : many}`
