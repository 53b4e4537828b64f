/**
 * Makes the claims of a project count as routes after a proof of its connection: when a role is attached, and with each later proof that
 * finds that they do not count yet. So a crash between a proof and this write is repaired by the next proof, as are connections that
 * version 0.2.0 has proven.
 */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { findStoredProject } from './projects.ts'
import { createRouteClaims } from './route-claims.ts'

/** @param table the projects table */
export function createClaimConfirmation(dynamodb: DynamoDBClient, table: string) {
  const claims = createRouteClaims(dynamodb, table)

  /** Idempotent. @throws SettingsBusyError */
  return async (id: string): Promise<void> => {
    const stored = await findStoredProject(dynamodb, table, id)
    if (!stored) return
    const { project } = stored
    if (!(await claims.provenIn(project.account)).includes(id)) await claims.confirm(project)
  }
}
