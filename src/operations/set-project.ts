/** Operation `set-project`: other rules or configuration sets for a project. What is not named stays as it is. */
import * as v from 'valibot'
import type { ProjectChanges } from '../projects/change-project.ts'
import { ConfigurationSets, ProjectId, Rules, SuppressedReasons } from '../projects/project.ts'
import { createOperation } from './operation.ts'

export const setProject = (projects: ProjectChanges) =>
  createOperation(
    {
      project: ProjectId,
      configurationSets: v.optional(ConfigurationSets),
      rules: v.optional(Rules),
      suppressedReasons: v.optional(SuppressedReasons),
    },
    async ({ project, ...settings }, asking) => projects.set(project, settings, asking),
  )
