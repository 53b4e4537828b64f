/** Operation `rotate`: a second external id. Both are valid until the customer's role asks for the second and a proof passed with it. */
import type { ConnectionChanges } from './change-connection.ts'
import type { Onboard } from './connect.ts'
import { operation } from './operation.ts'
import { ProjectId } from './project.ts'

export const rotate = (connections: Pick<ConnectionChanges, 'rotate'>, onboard?: Onboard) =>
  operation({ project: ProjectId }, async ({ project }, asking) => {
    const connection = await connections.rotate(project, asking)
    return { connection, onboarding: await onboard?.(connection, asking.place) }
  })
