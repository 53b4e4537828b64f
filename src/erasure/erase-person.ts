/**
 * Erases one address in all projects and tables, in slices of time.
 *
 * In each project, the hash is written first, then the items are deleted. The stream of the list then takes the address off the customer's
 * account list, unless the hash says that its entry is kept (src/propagation/address-change.ts).
 * docs/design/erasure.md
 */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { concurrently } from '../concurrently.ts'
import type { DeadLetterQueue } from '../dead-letters/queues.ts'
import { findActivitySettings } from '../projects/activity-settings.ts'
import { stateKeptMs } from '../sending/brief-cache.ts'
import type { AccountListChoice, MarkKeys } from '../suppression/erasure-mark.ts'
import { createErasureMarks, hasBlockingMarks } from '../suppression/read-marks.ts'
import { activityKeysOf } from './activity-keys.ts'
import { eraseDeadLetters, type FoundLetter, type PassThrough } from './dead-letters.ts'
import { erasableProjects, type Reach, reachOf } from './erasable-projects.ts'
import { redactAnswers } from './stored-answers.ts'
import { deleteItems, expiryKeysOf, type Key, listKeysOf } from './stored-items.ts'
import { createMarkWriter } from './write-mark.ts'

export type ErasureDependencies = {
  readonly dynamodb: DynamoDBClient
  readonly tables: {
    readonly suppressions: string
    readonly projects: string
    readonly activity: string
    readonly sends: string
  }
  /** For how many days events of mail are kept, unless a project keeps them for longer. */
  readonly activityDays: number
  readonly keyOf: MarkKeys
  readonly passThrough: PassThrough
  readonly queues: readonly DeadLetterQueue[]
  readonly now: () => Date
  readonly wait: (milliseconds: number) => Promise<void>
}

export type ErasureRequest = {
  /** Normalised. */
  readonly address: string
  /** Whether a hash stays that refuses mail to the address. */
  readonly keepHash: boolean
  readonly accountList: AccountListChoice
  /** Whether nothing is changed. */
  readonly preview: boolean
  /** The projects to erase in, which need not exist any more; all if absent. */
  readonly projects?: readonly string[] | undefined
  /** Where a slice before this one ended. */
  readonly after?: string | undefined
}

/** Items of one project that were erased, or would be. */
export type ErasedInProject = {
  readonly project: string
  readonly accountList: Reach
  /** Whether a hash of an earlier erasure refuses mail. */
  readonly isBlocked: boolean
  readonly suppressions: number
  readonly expiries: number
  readonly activity: number
  readonly answers: number
}

export type Erasure = {
  readonly projects: readonly ErasedInProject[]
  readonly letters: { readonly erased: readonly FoundLetter[]; readonly kept: readonly FoundLetter[] }
  /** Where the next slice begins; absent if everything was seen. */
  readonly next?: string
}

/** Where a slice ended: before a project, or in its answers, after a key. A project has no space in its id. */
type Place = { readonly project: string; readonly key?: string | undefined }

/** Sorts after every project. */
const lettersPlace = '~letters'

const placeTextOf = ({ project, key }: Place): string => (key === undefined ? project : `${project} ${key}`)

function readPlace(text: string): Place {
  const [project = '', key] = text.split(' ')
  return { project, key }
}

const noLetters = { erased: [], kept: [] }
const marksAtOnce = 20

/** @param until when this slice must end: each step that was begun is finished */
export async function erasePerson(deps: ErasureDependencies, request: ErasureRequest, until: Date): Promise<Erasure> {
  const goesOn = () => deps.now() < until
  const begun = request.after === undefined ? undefined : readPlace(request.after)
  const ids = (request.projects ?? (await erasableProjects(deps.dynamodb, deps.tables.projects))).toSorted()
  if (begun === undefined && request.keepHash && !request.preview) await blockAll(deps, request, ids)
  const projects: ErasedInProject[] = []
  const endAt = (place: Place): Erasure => ({ projects, letters: noLetters, next: placeTextOf(place) })
  for (const project of ids.filter((id) => begun === undefined || id >= begun.project)) {
    if (!goesOn()) return endAt({ project })
    const after = begun?.project === project ? begun.key : undefined
    const { next, ...erased } = await eraseIn(deps, request, project, after, goesOn)
    projects.push(erased)
    if (next !== undefined) return endAt({ project, key: next })
  }
  if (!goesOn()) return endAt({ project: lettersPlace })
  const { passThrough, queues } = deps
  const { more, ...letters } = await eraseDeadLetters(passThrough, queues, request.address, !request.preview, goesOn)
  return { projects, letters, ...(more && { next: lettersPlace }) }
}

/**
 * Writes the hash of the address in each project before anything is erased. The functions that send know for some seconds that a project has no
 * hashes, so the first hash of a project must be that old.
 */
async function blockAll(deps: ErasureDependencies, request: ErasureRequest, ids: readonly string[]): Promise<void> {
  const { dynamodb, tables, keyOf, now, wait } = deps
  const marks = createMarkWriter(dynamodb, tables.suppressions, keyOf)
  const { address, accountList } = request
  let isFirst = false
  await concurrently(ids, marksAtOnce, async (project) => {
    if (!(await hasBlockingMarks(dynamodb, tables.suppressions, project))) isFirst = true
    await marks.write(project, address, { erasedAt: now(), blocks: true, accountList })
  })
  if (isFirst) await wait(stateKeptMs + 1_000)
}

async function eraseIn(
  { dynamodb, tables, activityDays, keyOf, now }: ErasureDependencies,
  { address, keepHash, preview }: ErasureRequest,
  project: string,
  after: string | undefined,
  goesOn: () => boolean,
): Promise<ErasedInProject & { readonly next?: string }> {
  const erase = async (table: string, keys: readonly Key[]) => {
    if (!preview) await deleteItems(dynamodb, table, keys)
    return keys.length
  }
  const mark = await createErasureMarks(dynamodb, tables.suppressions, keyOf).find(project, address)
  const keys = await listKeysOf(dynamodb, tables.suppressions, project, address)
  // Without this hash, the next reconcile would take an entry that could not be removed from the account list for news.
  if (!preview && !keepHash && (keys.length > 0 || mark?.blocks))
    await createMarkWriter(dynamodb, tables.suppressions, keyOf).write(project, address, {
      erasedAt: now(),
      blocks: false,
      accountList: 'remove',
    })
  const suppressions = await erase(tables.suppressions, keys)
  const expiries = await erase(tables.projects, await expiryKeysOf(dynamodb, tables.projects, project, address))
  const { days = activityDays } = await findActivitySettings(dynamodb, tables.projects, project)
  const keptDays = Math.max(days, activityDays)
  const activity = await erase(
    tables.activity,
    await activityKeysOf(dynamodb, tables.activity, project, address, now(), keptDays),
  )
  const answers = await redactAnswers(dynamodb, tables.sends, project, address, after, !preview, goesOn)
  return {
    project,
    accountList: await reachOf(dynamodb, tables.projects, project),
    isBlocked: mark?.blocks === true,
    suppressions,
    expiries,
    activity,
    answers: answers.redacted,
    ...(answers.next !== undefined && { next: answers.next }),
  }
}
