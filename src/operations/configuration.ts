/**
 * Operations `configure`, `drift` and `mend`: what we set up for a project is set up, looked at, put right. Each may run twice.
 *
 * `disconnect` takes it back: src/operations/disconnect.ts.
 */
import * as v from 'valibot'
import type { Configuration } from '../configuration/configuration.ts'
import type { ConnectionChanges } from '../projects/change-connection.ts'
import type { Connections } from '../projects/connections.ts'
import { type Project, ProjectId } from '../projects/project.ts'
import type { Projects } from '../projects/projects.ts'
import { createOperation, type RequestContext } from './operation.ts'

type Stores = {
  readonly projects: Pick<Projects, 'find'>
  readonly connections: Pick<Connections, 'usable'> & Pick<ConnectionChanges, 'useTopics'>
}

/** A domain or an address that may send. */
const Identity = v.pipe(v.string(), v.regex(/^([^@\s/]+@)?[^@\s/]+\.[^@\s/]+$/, 'must be a domain or an address'))

const reasonsOf = (project: Project | undefined) => project?.suppressedReasons

export const configure = ({ projects, connections }: Stores, configuration: Configuration) =>
  createOperation(
    { project: ProjectId, defaultFor: v.optional(v.array(Identity), []) },
    async ({ project, defaultFor }, asking) => {
      const to = await connections.usable(project)
      const configured = await configuration.configure(to, reasonsOf(await projects.find(project)))
      await connections.useTopics(project, configured.topics, asking)
      return { ...configured, defaults: await configuration.makeDefault(to, defaultFor) }
    },
  )

export const drift = ({ projects, connections }: Stores, configuration: Configuration) =>
  createOperation({ project: ProjectId }, async ({ project }) => ({
    drift: await configuration.driftOf(await connections.usable(project), reasonsOf(await projects.find(project))),
  }))

export const mend = (stores: Stores, configuration: Configuration) => {
  const run = configure(stores, configuration)
  return createOperation({ project: ProjectId }, async (request, asking: RequestContext) => run(request, asking))
}
