/**
 * Composes `Suppressions Imported`: one event for a whole import, in place of one for each address.
 *
 * The id follows from the content, so a subscriber recognises a repeated event.
 */
import { createHash } from 'node:crypto'
import type { DomainEvent } from './domain-events.ts'

export type ImportFacts = {
  readonly project: string
  readonly source: string
  readonly begunAt: string
  readonly recorded: number
  readonly unchanged: number
  readonly leftOut: number
  readonly rejected: number
}

export function importedEventOf({
  project,
  source,
  begunAt,
  recorded,
  unchanged,
  leftOut,
  rejected,
}: ImportFacts): DomainEvent {
  const facts = { project, source, begunAt, recorded, unchanged, leftOut, rejected }
  const id = createHash('sha256')
    .update(JSON.stringify(['Suppressions Imported', facts]))
    .digest('hex')
    .slice(0, 32)
  return { type: 'Suppressions Imported', detail: { id, ...facts } }
}
