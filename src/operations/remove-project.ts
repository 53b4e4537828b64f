/** Operation `remove-project`: a project and its routes, once it is disconnected. Its list and its history stay. */
import type { ProjectChanges } from '../projects/change-project.ts'
import { ProjectId } from '../projects/project.ts'
import { createOperation } from './operation.ts'

export const removeProject = (projects: ProjectChanges) =>
  createOperation({ project: ProjectId }, async ({ project }, asking) => ({
    removed: (await projects.remove(project, asking)) !== undefined,
  }))
