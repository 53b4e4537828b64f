/** Operation `disconnect`: takes back what was set up for a project, then forgets its role, its external ids and its route. */
import type { ConnectionChanges } from './change-connection.ts'
import type { Connection } from './connection.ts'
import type { Connections } from './connections.ts'
import { type Asking, operation } from './operation.ts'
import { ProjectId } from './project.ts'

/** Undoes in the customer's account and on our side what the configuration did. May run twice. Answers what it could not undo, in words. */
export type TakeBack = (connection: Connection, asking: Asking) => Promise<unknown>

type Stores = Pick<Connections, 'find'> & Pick<ConnectionChanges, 'disconnect'>

export const disconnect = (connections: Stores, takeBack?: TakeBack) =>
  operation({ project: ProjectId }, async ({ project }, asking) => {
    const connection = await connections.find(project)
    const takenBack = connection && (await takeBack?.(connection, asking))
    const forgotten = await connections.disconnect(project, asking)
    return { disconnected: forgotten !== undefined, takenBack }
  })
