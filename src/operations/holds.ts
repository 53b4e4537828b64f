/** Operations `hold-project` and `resume-project`: a person stops the mail of a project, or lets it be sent again. */
import * as v from 'valibot'
import type { Publish } from '../events/bus.ts'
import { heldEventOf, resumedEventOf } from '../events/hold-events.ts'
import type { createHoldDecisions } from '../projects/change-hold.ts'
import type { HoldState } from '../projects/hold.ts'
import { ProjectId } from '../projects/project.ts'
import type { AnswerOf, HoldAnswer } from './answers.ts'
import { createOperation } from './operation.ts'

type Decisions = ReturnType<typeof createHoldDecisions>
type HoldOf = (project: string, now: Date) => Promise<HoldState>

const hourMs = 3_600_000
const Why = v.pipe(
  v.string(),
  v.trim(),
  v.minLength(1, 'must be a reason in words'),
  v.maxLength(500, 'must have 500 characters at most'),
)
const Hours = v.pipe(
  v.number(),
  v.integer(),
  v.minValue(1, 'must be 1 at least'),
  v.maxValue(8_760, 'must be a year at most'),
)

/** Holds until a person resumes, or for some hours. */
export const holdProject = (decisions: Decisions, holdOf: HoldOf, publish: Publish) =>
  createOperation(
    { project: ProjectId, why: Why, hours: v.optional(Hours) },
    async ({ project, why, hours }, context): Promise<AnswerOf<typeof HoldAnswer>> => {
      const { at } = context
      const until = hours === undefined ? undefined : new Date(at.getTime() + hours * hourMs)
      await decisions.hold(project, { since: at, why, until }, context)
      await publish([heldEventOf({ project, at, why, cause: 'operator', ...(until && { until }) })])
      return holdOf(project, at)
    },
  )

/** Ends every hold. For some hours, rates hold nothing: the rates that count begin now, and need new mail. */
export const resumeProject = (decisions: Decisions, holdOf: HoldOf, publish: Publish) =>
  createOperation(
    { project: ProjectId, why: Why, hours: v.optional(Hours, 24) },
    async ({ project, why, hours }, context): Promise<AnswerOf<typeof HoldAnswer>> => {
      const { at } = context
      await decisions.resume(project, why, new Date(at.getTime() + hours * hourMs), context)
      await publish([resumedEventOf({ project, at, why, cause: 'operator' })])
      return holdOf(project, at)
    },
  )
