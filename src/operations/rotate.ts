/** Operation `rotate`: a second external id. Both are valid until the customer's role asks for the second and a proof passed with it. */
import type { ConnectionChanges } from '../projects/change-connection.ts'
import { ProjectId } from '../projects/project.ts'
import type { Onboard } from './connect.ts'
import { createOperation } from './operation.ts'

export const rotate = (connections: Pick<ConnectionChanges, 'rotate'>, onboard?: Onboard) =>
  createOperation({ project: ProjectId }, async ({ project }, asking) => {
    const connection = await connections.rotate(project, asking)
    return { connection, onboarding: await onboard?.(connection, asking.place) }
  })
