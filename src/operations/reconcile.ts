/**
 * Operation `reconcile`: one slice of a reconcile of one project, short enough for an operator to follow the progress. The caller repeats
 * it until the state is no longer `going on`.
 */
import * as v from 'valibot'
import { ProjectId } from '../projects/project.ts'
import type { createReconcile } from '../propagation/reconcile.ts'
import type { ReconcileStep } from '../propagation/reconcile-work.ts'
import type { AnswerOf, ReconcileAnswer } from './answers.ts'
import { createOperation } from './operation.ts'

const sliceMs = 15_000
/** Most steps in one answer: Lambda limits its size. */
const maxSteps = 500

/** With `preview`, nothing is changed and the steps are those that would be taken. */
export const reconcile = (run: ReturnType<typeof createReconcile>, now: () => Date) =>
  createOperation(
    { project: ProjectId, preview: v.optional(v.boolean(), false) },
    async ({ project: id, preview }): Promise<AnswerOf<typeof ReconcileAnswer>> => {
      const steps: ReconcileStep[] = []
      const onStep = (step: ReconcileStep) => void (steps.length < maxSteps && steps.push(step))
      const slice = await run({ id, preview, until: new Date(now().getTime() + sliceMs), onStep })
      return { ...slice, steps }
    },
  )
