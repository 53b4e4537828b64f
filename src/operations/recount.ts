/** Operation `recount`: counts the events of one day of a project anew, and replaces its sealed counts. The caller asks day by day. */
import * as v from 'valibot'
import type { Sealed } from '../activity/seal-days.ts'
import { ProjectId } from '../projects/project.ts'
import type { AnswerOf, RecountAnswer } from './answers.ts'
import { createOperation } from './operation.ts'

const Day = v.pipe(v.string(), v.isoDate('must be a day, such as 2026-03-01'))

/** Idempotent: the counts follow from the stored events. */
export const recount = (seal: (project: string, day: string, isForced: boolean) => Promise<Sealed>) =>
  createOperation(
    { project: ProjectId, day: Day },
    async ({ project, day }): Promise<AnswerOf<typeof RecountAnswer>> => seal(project, day, true),
  )
