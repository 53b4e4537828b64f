/** Operation `add-project`: a project, or more configuration sets of one. */
import * as v from 'valibot'
import type { ProjectChanges } from './change-project.ts'
import { operation } from './operation.ts'
import { AccountId, ConfigurationSets, ProjectId, Rules } from './project.ts'

export const addProject = (projects: ProjectChanges) =>
  operation(
    {
      project: ProjectId,
      account: AccountId,
      configurationSets: v.optional(ConfigurationSets),
      rules: v.optional(Rules),
    },
    async ({ project: id, ...settings }, asking) => projects.add({ id, ...settings }, asking),
  )
