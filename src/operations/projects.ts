/** Operations `add-project`, `set-project` and `remove-project`: projects and their settings. */
import * as v from 'valibot'
import type { ProjectChanges } from '../projects/change-project.ts'
import {
  AccountId,
  ActivityLevel,
  ActivitySettings,
  ConfigurationSets,
  HoldRules,
  type Project,
  ProjectId,
  Rules,
  SendingSettings,
  SuppressedReasons,
  Tenant,
} from '../projects/project.ts'
import type { Projects } from '../projects/projects.ts'
import type { Standing } from '../projects/route-claims.ts'
import type { AnswerOf, ProjectAnswer, RemoveProjectAnswer } from './answers.ts'
import { createOperation, type RequestContext } from './operation.ts'

const standingOf = (account: string, isVouched: boolean, { deployment }: RequestContext): Standing =>
  account === deployment.account ? 'own account' : isVouched ? 'vouched' : 'claimed'

/** Adds a project, or more configuration sets to an existing one. */
export const addProject = (projects: Pick<Projects, 'find'> & Pick<ProjectChanges, 'add' | 'waitingOf'>) =>
  createOperation(
    {
      project: ProjectId,
      account: AccountId,
      configurationSets: v.optional(ConfigurationSets),
      rules: v.optional(Rules),
      tenant: v.optional(Tenant),
      /** The caller vouches that the account belongs to the project: its events may count before a proof. Never pass on what a customer says. */
      vouched: v.optional(v.boolean(), false),
    },
    async ({ project: id, vouched, ...settings }, context): Promise<AnswerOf<typeof ProjectAnswer>> => {
      const standing = standingOf(settings.account, vouched, context)
      const before = await projects.find(id)
      const project = await projects.add({ id, ...settings }, context, standing)
      const waitsForProof = await projects.waitingOf(project)
      return {
        ...project,
        ...(waitsForProof.length > 0 && { waitsForProof }),
        ...(before && { changed: differencesOf(before, project) }),
      }
    },
  )

/** The settings that differ. */
function differencesOf(before: Project, after: Project) {
  const [old, current] = [before, after].map((project) => new Map<string, unknown>(Object.entries(project)))
  return [...new Set([...(old?.keys() ?? []), ...(current?.keys() ?? [])])]
    .map((setting) => ({ setting, before: old?.get(setting), after: current?.get(setting) }))
    .filter((difference) => JSON.stringify(difference.before) !== JSON.stringify(difference.after))
}

/** Changes settings of a project. A setting that the request does not name keeps its value. */
export const setProject = (projects: Pick<ProjectChanges, 'set'>) =>
  createOperation(
    {
      project: ProjectId,
      configurationSets: v.optional(ConfigurationSets),
      rules: v.optional(Rules),
      suppressedReasons: v.optional(SuppressedReasons),
      sending: v.optional(SendingSettings),
      tenant: v.optional(Tenant),
      activity: v.optional(ActivityLevel),
      activitySettings: v.optional(ActivitySettings),
      holdRules: v.optional(HoldRules),
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
