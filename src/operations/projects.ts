/** Operations `add-project`, `set-project` and `remove-project`: projects and their settings. */
import * as v from 'valibot'
import type { ProjectChanges } from '../projects/change-project.ts'
import { AccountId, ConfigurationSets, ProjectId, Rules, SuppressedReasons } from '../projects/project.ts'
import type { AnswerOf, ProjectAnswer, RemoveProjectAnswer } from './answers.ts'
import { createOperation } from './operation.ts'

/** Adds a project, or more configuration sets to an existing one. */
export const addProject = (projects: Pick<ProjectChanges, 'add'>) =>
  createOperation(
    {
      project: ProjectId,
      account: AccountId,
      configurationSets: v.optional(ConfigurationSets),
      rules: v.optional(Rules),
    },
    async ({ project: id, ...settings }, context): Promise<AnswerOf<typeof ProjectAnswer>> =>
      projects.add({ id, ...settings }, context),
  )

/** Changes settings of a project. A setting that the request does not name keeps its value. */
export const setProject = (projects: Pick<ProjectChanges, 'set'>) =>
  createOperation(
    {
      project: ProjectId,
      configurationSets: v.optional(ConfigurationSets),
      rules: v.optional(Rules),
      suppressedReasons: v.optional(SuppressedReasons),
    },
    async ({ project, ...settings }, context): Promise<AnswerOf<typeof ProjectAnswer>> =>
      projects.set(project, settings, context),
  )

/** Removes a project and its routes. It must be disconnected first. Its suppression list and its history stay. */
export const removeProject = (projects: Pick<ProjectChanges, 'remove'>) =>
  createOperation(
    { project: ProjectId },
    async ({ project }, context): Promise<AnswerOf<typeof RemoveProjectAnswer>> => ({
      removed: (await projects.remove(project, context)) !== undefined,
    }),
  )
