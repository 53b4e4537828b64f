/**
 * A deployed stack, accessed with the user's own AWS credentials: clients, and the names of resources as serverless.yml gives them.
 *
 * The commands need the permissions of iam/operator.yml.
 */
import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb'
import { LambdaClient } from '@aws-sdk/client-lambda'
import { createActivityReader } from '../activity/read.ts'
import { createRecentReader } from '../activity/recent.ts'
import { createStoredCounts } from '../activity/stored-counts.ts'
import { createUses } from '../audit/uses.ts'
import { createSesame, type Sesame } from '../client/client.ts'
import { findSilence } from '../feeds/silence.ts'
import { createChangeHistory } from '../projects/changes.ts'
import type { Connection } from '../projects/connection.ts'
import { createConnections } from '../projects/connections.ts'
import { allConnections, allProjects } from '../projects/directory.ts'
import { findHold } from '../projects/hold.ts'
import type { Project } from '../projects/project.ts'
import { createProjects, noSuchProjectError } from '../projects/projects.ts'
import { createProofs } from '../projects/proofs.ts'
import { createListReader } from '../suppression/read-list.ts'
import { hasBlockingMarks } from '../suppression/read-marks.ts'
import { createRulings } from '../suppression/rule-by-hand.ts'
import { createServerClock } from '../suppression/server-clock.ts'

/** The functions that record the bounces and complaints of our topics. */
export type FeedbackFunction = 'record-bounce' | 'record-complaint'

/** A function that the command invokes, by its name in serverless.yml. */
export type FunctionKey =
  | FeedbackFunction
  | 'manage-connection'
  | 'manage-dead-letters'
  | 'manage-webhooks'
  | 'forget-address'
  | 'reconcile-suppressions'
  | 'seal-counts'

export type StackAccess = ReturnType<typeof createStack>

/**
 * @param stage the stage that was given to `serverless deploy`
 * @param client settings of the AWS clients; by default the clients use what the AWS CLI would use
 * @param fetch sends requests to the HTTP API
 */
export function createStack(
  stage: string,
  client: Pick<DynamoDBClientConfig, 'region' | 'profile' | 'credentials' | 'endpoint' | 'requestHandler'> = {},
  fetch: typeof globalThis.fetch = globalThis.fetch,
) {
  const dynamodb = new DynamoDBClient(client)
  const nameOf = (resource: string) => `sesame-${stage}-${resource}`
  return {
    projects: {
      ...createProjects(dynamodb, nameOf('projects')),
      all: () => allProjects(dynamodb, nameOf('projects'), warnOfUnreadable),
    },
    connections: {
      ...createConnections(dynamodb, nameOf('projects')),
      all: () => Array.fromAsync<Connection>(allConnections(dynamodb, nameOf('projects'), warnOfUnreadable)),
    },
    activity: createActivityReader(dynamodb, nameOf('activity')),
    recentEvents: createRecentReader(dynamodb, nameOf('activity')),
    silenceOf: (project: string) => findSilence(dynamodb, nameOf('projects'), project),
    counts: createStoredCounts(dynamodb, nameOf('counts')),
    holdOf: (project: string, now: Date) => findHold(dynamodb, nameOf('projects'), project, now),
    uses: createUses(dynamodb, nameOf('role-uses')),
    proofs: createProofs(dynamodb, nameOf('projects')),
    changes: createChangeHistory(dynamodb, nameOf('projects')),
    list: createListReader(dynamodb, nameOf('suppressions')),
    /** Whether a project keeps hashes of erased addresses. */
    keepsHashes: (project: string) => hasBlockingMarks(dynamodb, nameOf('suppressions'), project),
    /** `serverTime` gives the time of a ruling that a person makes now: @throws ServerTimeError if nothing was read before. */
    rulings: { ...createRulings(dynamodb, nameOf('suppressions')), serverTime: createServerClock(dynamodb) },
    lambda: new LambdaClient(client),
    /**
     * The HTTP API for a project, with the same credentials. Its URL is in SESAME_ENDPOINT.
     * @throws SesameSettingError if it is not
     */
    api: async (project: string): Promise<Sesame> =>
      createSesame({
        project,
        fetch,
        region: await dynamodb.config.region(),
        credentials: () => dynamodb.config.credentials(),
        ...(typeof client.endpoint === 'string' && { endpoint: client.endpoint }),
      }),
    functionName: (key: FunctionKey) => nameOf(key),
  }
}

/** @throws ProjectSettingsError if the project does not exist */
export async function requireProject({ projects }: Pick<StackAccess, 'projects'>, id: string): Promise<Project> {
  const project = await projects.find(id)
  if (!project) throw noSuchProjectError(id)
  return project
}

const warnOfUnreadable = (project: string, error: unknown): void => {
  const why = error instanceof Error ? error.name : 'an unknown error'
  process.stderr.write(`Project ${project} is left out: its stored settings cannot be read (${why})\n`)
}
