/**
 * Changes that an import made. They are not propagated one by one: a list of a million addresses would occupy the account of its project for days,
 * and subscribers would get a million events. The project becomes due for a reconcile instead, and the import publishes one event.
 * docs/design/importing.md#why-does-an-import-not-propagate-address-by-address
 */
import { isImportName } from '../suppression/import-ruling.ts'
import type { StoredItem } from '../suppression/read-list.ts'
import { readRuling } from '../suppression/stored-ruling.ts'
import type { PropagationTask } from './read-tasks.ts'

const rulings = ['manual', 'reinstated'] as const

const nameIn = (item: StoredItem | undefined, attribute: (typeof rulings)[number]): string =>
  readRuling(item?.[attribute])?.by ?? ''

/** Whether the change is a ruling of an import and nothing else. */
export function isImportChange({ change }: PropagationTask): boolean {
  if (!change?.after || change.key !== change.address) return false
  const { before, after } = change
  const names = new Set([...Object.keys(before ?? {}), ...Object.keys(after)])
  for (const key of ['project', 'address', 'rulings']) names.delete(key)
  const changed = [...names].filter((name) => before?.[name] !== after[name])
  return (
    changed.length > 0 &&
    changed.every((name) => rulings.some((ruling) => ruling === name && isImportName(nameIn(after, ruling))))
  )
}
