/**
 * Schemas of single fields as SES writes them: strict ones, such as an address, a time or an id, and tolerant ones for details.
 */
import * as v from 'valibot'
import { AddressError, normaliseAddress } from './address.ts'

/** A required text that is not empty, such as an id or a type. SES's own have up to 80 characters. */
export const text = v.pipe(v.string(), v.nonEmpty('is empty'), v.maxLength(256, 'has more than 256 characters'))

/** An optional text. Any other value (null, '', a number) counts as absent. */
export const detail = v.optional(
  v.pipe(
    v.unknown(),
    v.transform((value) => (typeof value === 'string' && value !== '' ? value : undefined)),
  ),
)

const timeWithZone = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?) ?(?:Z|([+-]\d\d):?(\d\d))$/

/** SES uses two formats: `2017-08-05T00:40:02.012Z` and `2018-10-08T14:05:45 +0000`. */
function readTime(written: string): Date | undefined {
  const [, local, hours, minutes] = timeWithZone.exec(written) ?? []
  if (local === undefined) return undefined
  const time = new Date(hours === undefined ? `${local}Z` : `${local}${hours}:${minutes}`)
  return Number.isNaN(time.getTime()) ? undefined : time
}

export const time = v.pipe(
  v.string(),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    const read = readTime(dataset.value)
    if (read !== undefined) return read
    addIssue({ message: 'is not a time with a zone, such as 2017-08-05T00:40:02.012Z' })
    return NEVER
  }),
)

/** An optional time. Any other value counts as absent. */
export const timeDetail = v.optional(
  v.pipe(
    v.unknown(),
    v.transform((value) => (typeof value === 'string' ? readTime(value) : undefined)),
  ),
)

/** The address of an affected recipient, normalised. */
export const address = v.pipe(
  v.string(),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    try {
      return normaliseAddress(dataset.value)
    } catch (error) {
      if (!(error instanceof AddressError)) throw error
      addIssue({ message: `is not an e-mail address: it ${error.reason}` })
      return NEVER
    }
  }),
)

/** An address that nothing depends on: normalised if it is valid, otherwise as SES wrote it. */
export const mentionedAddress = v.pipe(
  v.string(),
  v.transform((written) => {
    try {
      return normaliseAddress(written)
    } catch (error) {
      if (error instanceof AddressError) return written
      throw error
    }
  }),
)

/** An optional list: absent or null counts as empty. */
export function listOf<Item extends v.GenericSchema>(item: Item) {
  return v.nullish(v.array(item), [])
}

/**
 * `mail.tags`. A tag that is not a list of texts is dropped. The configuration set identifies the project, so a malformed one makes the event
 * malformed.
 */
export const tags = v.pipe(
  v.nullish(v.record(v.string(), v.unknown()), {}),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    const read = new Map<string, string[]>()
    for (const [name, values] of Object.entries(dataset.value)) {
      if (Array.isArray(values))
        read.set(
          name,
          values.filter((value) => typeof value === 'string'),
        )
      if (name === 'ses:configuration-set' && !read.get(name)?.[0]) {
        addIssue({ message: 'has a ses:configuration-set without a name' })
        return NEVER
      }
    }
    return Object.fromEntries(read)
  }),
)
