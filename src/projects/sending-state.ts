/**
 * What decides whether a project may send at all: its settings, and whether it is paused or held or its connection is quarantined.
 *
 * The attributes are named, because the role of the functions that read this may read no others (iam/project-data.yml).
 */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { connectionFacet } from './connection-item.ts'
import { type CausedHold, findHold } from './hold.ts'
import type { Project } from './project.ts'
import { readStoredProject, settingsFacet } from './projects.ts'
import { findItem } from './table.ts'

/** Why no mail of a project may be sent. */
export type Hold = {
  readonly state: 'paused' | 'quarantined' | 'held'
  readonly since?: Date
  /** When it ends by itself. */
  readonly until?: Date
  readonly why: string
}

export type SendingState = { readonly project: Project; readonly hold?: Hold }

/** `undefined` if there is no such project. */
export async function findSendingState(
  dynamodb: DynamoDBClient,
  table: string,
  id: string,
  now: Date,
): Promise<SendingState | undefined> {
  const [settings, connection, { holds }] = await Promise.all([
    findItem(dynamodb, table, id, settingsFacet, ['settings']),
    findItem(dynamodb, table, id, connectionFacet, ['provenAt', 'brokenSince', 'brokenWhy']),
    findHold(dynamodb, table, id, now),
  ])
  const text = settings?.settings?.S
  if (text === undefined) return undefined
  const project = readStoredProject(text)
  const since = connection?.provenAt?.S === undefined ? undefined : connection.brokenSince?.S
  const hold = project.sending?.paused
    ? ({ state: 'paused', why: 'an operator has paused it' } as const)
    : (heldBy(holds[0]) ??
      (since === undefined
        ? undefined
        : ({
            state: 'quarantined',
            since: new Date(since),
            why: connection?.brokenWhy?.S ?? 'the proof failed',
          } as const)))
  return { project, ...(hold && { hold }) }
}

const heldBy = (held: CausedHold | undefined): Hold | undefined =>
  held && { state: 'held', since: held.since, ...(held.until && { until: held.until }), why: held.why }
