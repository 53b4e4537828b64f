/**
 * Operation `configure`: sets up what brings a project's bounces and complaints to Sesame, or repairs what has drifted. Idempotent.
 *
 * `disconnect` undoes it: src/operations/connections.ts.
 */
import * as v from 'valibot'
import { type Configuration, wantedOf } from '../configuration/configuration.ts'
import type { ConnectionChanges } from '../projects/change-connection.ts'
import type { Connections } from '../projects/connections.ts'
import { ProjectId } from '../projects/project.ts'
import type { Projects } from '../projects/projects.ts'
import type { AnswerOf, ConfigureAnswer } from './answers.ts'
import { createOperation } from './operation.ts'

type Stores = {
  readonly projects: Pick<Projects, 'find'>
  readonly connections: Pick<Connections, 'usable'> & Pick<ConnectionChanges, 'useTopics'>
}

/** A domain or an address that may send. */
const Identity = v.pipe(v.string(), v.regex(/^([^@\s/]+@)?[^@\s/]+\.[^@\s/]+$/, 'must be a domain or an address'))

export const configure = (
  { projects, connections }: Stores,
  configuration: Pick<Configuration, 'configure' | 'makeDefault'>,
) =>
  createOperation(
    { project: ProjectId, defaultFor: v.optional(v.array(Identity), []) },
    async ({ project: id, defaultFor }, context): Promise<AnswerOf<typeof ConfigureAnswer>> => {
      const connection = await connections.usable(id)
      const project = await projects.find(id)
      const configured = await configuration.configure(connection, wantedOf(project))
      await connections.useTopics(id, configured.topics, context)
      return { ...configured, defaults: await configuration.makeDefault(connection, defaultFor) }
    },
  )
