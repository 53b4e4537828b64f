/**
 * Operation `record-import`: tells the event bus that an import has ended. The rows are written by the caller, and the stream of the list makes
 * the project due for a reconcile.
 */
import * as v from 'valibot'
import { ProjectId } from '../projects/project.ts'
import { noSuchProjectError, type Projects } from '../projects/projects.ts'
import type { AnswerOf, ImportRecordedAnswer } from './answers.ts'
import { createOperation } from './operation.ts'

const Count = v.pipe(v.number(), v.integer(), v.minValue(0))

const entries = {
  project: ProjectId,
  source: v.pipe(v.string(), v.regex(/^[a-z0-9-]{1,32}$/, 'must be 1 to 32 of a-z, 0-9 and "-"')),
  begunAt: v.pipe(v.string(), v.isoTimestamp('must be a time of ISO 8601')),
  recorded: Count,
  unchanged: Count,
  leftOut: Count,
  rejected: Count,
}

export type ImportRequest = v.InferOutput<v.StrictObjectSchema<typeof entries, undefined>>

/** Idempotent in effect: the event of a repeated request has the same id. */
export const recordImport = (projects: Pick<Projects, 'find'>, publish: (request: ImportRequest) => Promise<void>) =>
  createOperation(entries, async (request): Promise<AnswerOf<typeof ImportRecordedAnswer>> => {
    if (!(await projects.find(request.project))) throw noSuchProjectError(request.project)
    await publish(request)
    return { published: true }
  })
