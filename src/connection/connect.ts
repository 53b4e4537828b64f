/**
 * Operation `connect`: a connection for a project, made or changed, with the external id that the customer's role is to ask for.
 *
 * A project that does not exist yet is added: it owns the configuration set of its own name, and nothing else of the account.
 */
import * as v from 'valibot'
import type { ConnectionChanges } from './change-connection.ts'
import type { ProjectChanges } from './change-project.ts'
import {
  type Connection,
  ConnectionSettings,
  ConnectionSettingsError,
  configurationSetOf,
  Region,
} from './connection.ts'
import type { Connections } from './connections.ts'
import { type OwnPlace, operation } from './operation.ts'
import { AccountId, ProjectId } from './project.ts'
import type { Projects } from './projects.ts'
import { partitionOf } from './session-policy.ts'

/** What the customer is given to make the role with. */
export type Onboard = (connection: Connection, place: OwnPlace) => Promise<unknown>

type Stores = {
  readonly projects: Pick<Projects, 'find'> & Pick<ProjectChanges, 'add'>
  readonly connections: Pick<Connections, 'find'> & Pick<ConnectionChanges, 'connect'>
}

export const connect = ({ projects, connections }: Stores, onboard?: Onboard) =>
  operation(
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
