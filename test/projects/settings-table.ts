/**
 * The deployed stack with a manual clock, and the projects table with the permissions of an administrator: its items, and the modules that
 * read and change it. test/handlers/manage-connection.test.ts tests the permissions of the roles.
 */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { type Aws, startAws } from '../../local/aws.ts'
import { createManualClock } from '../../local/clock.ts'
import { createConnectionChanges } from '../../src/projects/change-connection.ts'
import { createProjectChanges } from '../../src/projects/change-project.ts'
import { type ChangeContext, createChangeHistory } from '../../src/projects/changes.ts'
import { createConnections } from '../../src/projects/connections.ts'
import { allConnections, allProjects } from '../../src/projects/directory.ts'
import { createProjects } from '../../src/projects/projects.ts'
import { createProofs } from '../../src/projects/proofs.ts'
import { createProofRecorder } from '../../src/projects/record-proof.ts'
import { checkRoleArn, type RoleArn } from '../../src/projects/role-arn.ts'
import { createRoutes } from '../../src/projects/routes.ts'

export const OURS = '123456789012'
export const ACME = '111122223333'
export const GLOBEX = '444455556666'
const REGION = 'us-east-1'

export type SettingsTable = Awaited<ReturnType<typeof settingsTable>>

export async function settingsTable() {
  const clock = createManualClock(new Date('2026-03-04T05:06:07.000Z'))
  const aws: Aws = await startAws({ clock })
  const dynamodb = new DynamoDBClient(aws.clientConfig(aws.credentials.root(aws.account)))
  const table = 'sesame-dev-projects'
  const unreadable: string[] = []
  return {
    aws,
    clock,
    dynamodb,
    table,
    /** The projects whose items could not be read when all were listed. */
    unreadable,
    projects: {
      ...createProjects(dynamodb, table),
      ...createProjectChanges(dynamodb, table),
      all: () => allProjects(dynamodb, table, (project) => unreadable.push(project)),
    },
    connections: {
      ...createConnections(dynamodb, table),
      ...createConnectionChanges(dynamodb, table),
      all: () => Array.fromAsync(allConnections(dynamodb, table, (project) => unreadable.push(project))),
    },
    proofs: {
      ...createProofRecorder(dynamodb, table),
      of: (project: string) => Array.fromAsync(createProofs(dynamodb, table).of(project)),
    },
    changes: (project: string) => Array.fromAsync(createChangeHistory(dynamodb, table).of(project)),
    routes: (capacity?: number) => createRoutes(dynamodb, table, clock.now, capacity),
    /** All items as text: a refused change must leave it as it is. */
    stored: async () => JSON.stringify(await aws.dynamodb.items(table)),
    items: () => aws.dynamodb.items(table),
  }
}

export const contextAt = (at: Date, by = 'ann'): ChangeContext => ({ by, at, request: 'b5c1c0de' })

export const roleArnIn = (account: string, name = 'sesame-acme'): RoleArn =>
  checkRoleArn(`arn:aws:iam::${account}:role/sesame/${name}`, { account, ourAccount: OURS, partition: 'aws' })

export const settingsOf = (project: string, account = ACME) => ({ project, account, region: REGION })
