/**
 * Operation `connect`: a connection for a project, made or changed, with the external id that the customer's role is to ask for.
 *
 * A project that does not exist yet is added: it owns the configuration set of its own name, and nothing else of the account.
 */
import * as v from 'valibot'
import { partitionOf } from '../access/session/session-policy.ts'
import type { Deployment } from '../arn.ts'
import type { ConnectionChanges } from '../projects/change-connection.ts'
import type { ProjectChanges } from '../projects/change-project.ts'
import {
  type Connection,
  ConnectionSettings,
  ConnectionSettingsError,
  configurationSetOf,
  Region,
} from '../projects/connection.ts'
import type { Connections } from '../projects/connections.ts'
import { AccountId, ProjectId } from '../projects/project.ts'
import type { Projects } from '../projects/projects.ts'
import { createOperation } from './operation.ts'

/** What the customer is given to make the role with. */
export type Onboard = (connection: Connection, place: Deployment) => Promise<unknown>

type Stores = {
  readonly projects: Pick<Projects, 'find'> & Pick<ProjectChanges, 'add'>
  readonly connections: Pick<Connections, 'find'> & Pick<ConnectionChanges, 'connect'>
}

export const connect = ({ projects, connections }: Stores, onboard?: Onboard) =>
  createOperation(
    {
      project: ProjectId,
      account: AccountId,
      region: v.optional(Region),
      topics: v.optional(ConnectionSettings.entries.topics.wrapped),
      features: v.optional(ConnectionSettings.entries.features.wrapped),
    },
    async ({ project, account, ...asked }, asking) => {
      const { place } = asking
      if (account === place.account)
        throw new ConnectionSettingsError('account', 'is our own: no connection leads into it')
      const before = await connections.find(project)
      const { region = before?.region ?? place.region, topics = before?.topics, features = before?.features } = asked
      if (partitionOf(region) !== place.partition) {
        throw new ConnectionSettingsError('region', `is not of the partition ${place.partition}: STS crosses none`)
      }
      if (region !== place.region && topics !== 'customer') {
        throw new ConnectionSettingsError(
          'region',
          `is not ${place.region}: SES publishes to topics of its own region only. Deploy Sesame there, or choose the customer's own topics`,
        )
      }
      const isNew = !(await projects.find(project))
      if (isNew) await projects.add({ id: project, account, configurationSets: [configurationSetOf(project)] }, asking)
      const settings = { project, account, region, topics, features: features && [...features] }
      // A millisecond after the project, so that its history reads in order.
      const at = isNew ? new Date(asking.at.getTime() + 1) : asking.at
      const connection = await connections.connect(settings, { ...asking, at })
      return { connection, onboarding: await onboard?.(connection, place) }
    },
  )
