/** Operation `add-project`: a project, or more configuration sets of one. */
import * as v from 'valibot'
import type { ProjectChanges } from '../projects/change-project.ts'
import { AccountId, ConfigurationSets, ProjectId, Rules } from '../projects/project.ts'
import { createOperation } from './operation.ts'

export const addProject = (projects: ProjectChanges) =>
  createOperation(
    {
      project: ProjectId,
      account: AccountId,
      configurationSets: v.optional(ConfigurationSets),
      rules: v.optional(Rules),
    },
    async ({ project: id, ...settings }, asking) => projects.add({ id, ...settings }, asking),
  )
