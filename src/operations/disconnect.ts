/** Operation `disconnect`: takes back what was set up for a project, then forgets its role, its external ids and its route. */
import type { ConnectionChanges } from '../projects/change-connection.ts'
import type { Connection } from '../projects/connection.ts'
import type { Connections } from '../projects/connections.ts'
import { ProjectId } from '../projects/project.ts'
import { createOperation, type RequestContext } from './operation.ts'

/** Undoes in the customer's account and on our side what the configuration did. May run twice. Answers what it could not undo, in words. */
export type TakeBack = (connection: Connection, asking: RequestContext) => Promise<unknown>

type Stores = Pick<Connections, 'find'> & Pick<ConnectionChanges, 'disconnect'>

export const disconnect = (connections: Stores, takeBack?: TakeBack) =>
  createOperation({ project: ProjectId }, async ({ project }, asking) => {
    const connection = await connections.find(project)
    const takenBack = connection && (await takeBack?.(connection, asking))
    const forgotten = await connections.disconnect(project, asking)
    return { disconnected: forgotten !== undefined, takenBack }
  })
