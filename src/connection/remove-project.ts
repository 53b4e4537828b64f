/** Operation `remove-project`: a project and its routes, once it is disconnected. Its list and its history stay. */
import type { ProjectChanges } from './change-project.ts'
import { operation } from './operation.ts'
import { ProjectId } from './project.ts'

export const removeProject = (projects: ProjectChanges) =>
  operation({ project: ProjectId }, async ({ project }, asking) => ({
    removed: (await projects.remove(project, asking)) !== undefined,
  }))
