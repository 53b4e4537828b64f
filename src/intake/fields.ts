/**
 * Schemas of single fields as SES writes them: strict ones, such as an address, a time or an id, and tolerant ones for details.
 *
 * A mail server, a recipient or the owner of a topic can influence what an event says. Fields that reach a log line, an error or a terminal have a
 * form here that holds neither an address nor a control character.
 */
import { createHash } from 'node:crypto'
import * as v from 'valibot'
import { AddressError, normaliseAddress } from './address.ts'

/** A required text that is not empty, such as an id or a type. SES's own have up to 80 characters. */
const text = v.pipe(v.string(), v.nonEmpty('is empty'), v.maxLength(256, 'has more than 256 characters'))

/** The id of a mail. */
export const messageId = v.pipe(text, v.regex(/^[\x21-\x7e]+$/, 'has a character that no message id has'))

/** The id of a report. One of another form than SES's is replaced by its digest: it need only tell repetitions. */
export const feedbackId = v.pipe(
  text,
  v.transform((id) => (/^[\w-]{1,100}$/.test(id) ? id : createHash('sha256').update(id).digest('base64url'))),
)

/** A name that SES chooses, such as a sub-type, which may be new. Anything that is no such name is `Unknown`. */
const nameOf = (form: RegExp, otherwise: string) => (value: unknown) => {
  if (typeof value !== 'string' || value === '') return undefined
  return form.test(value) ? value : otherwise
}

/** One of the three types that SES has, or `Unknown`. */
export const bounceType = v.pipe(
  text,
  v.transform((type) => (/^(?:Permanent|Transient|Undetermined)$/.test(type) ? type : 'Unknown')),
)

export const subType = v.optional(v.pipe(v.unknown(), v.transform(nameOf(/^[A-Za-z]{1,32}$/, 'Unknown'))))

/** A registered name is in lower case, with hyphens. */
export const feedbackType = v.optional(v.pipe(v.unknown(), v.transform(nameOf(/^[a-z-]{1,32}$/, 'unknown'))))

/** RFC 3464 names five actions, in any case. */
export const action = v.optional(
  v.pipe(
    v.unknown(),
    v.transform((value) => {
      const name = typeof value === 'string' ? value.trim().toLowerCase() : ''
      return /^(?:failed|delayed|delivered|relayed|expanded)$/.test(name) ? name : undefined
    }),
  ),
)

/** `5.0.0 (permanent failure)` → `5.0.0`; a reply code alone stays. Anything else counts as absent: relays write whole sentences here. */
export const status = v.optional(
  v.pipe(
    v.unknown(),
    v.transform((value) => {
      const [, code, reply] =
        /^[\s#(]*(?:([245]\.(?:0|[1-9]\d{0,2})\.(?:0|[1-9]\d{0,2}))(?![\w]|\.\d)|([245]\d\d)(?![\w.]))/.exec(
          typeof value === 'string' ? value : '',
        ) ?? []
      return code ?? reply
    }),
  ),
)

/** The account that sent the mail identifies the project, so a malformed one makes the event malformed. */
export const account = v.optional(
  v.pipe(
    v.unknown(),
    v.transform((value) => (typeof value === 'string' && value !== '' ? value : undefined)),
    v.optional(v.pipe(v.string(), v.regex(/^\d{12}$/, 'is not an AWS account id of 12 digits'))),
  ),
)

/** An optional text. Any other value (null, '', a number) counts as absent. */
export const detail = v.optional(
  v.pipe(
    v.unknown(),
    v.transform((value) => (typeof value === 'string' && value !== '' ? value : undefined)),
  ),
)

/** Whether SES takes a reader for a machine. Absent in events before August 2026: then nobody knows. */
export const isBotEvent = v.optional(
  v.pipe(
    v.unknown(),
    v.transform((value) => (value === 'Likely' || value === 'Unlikely' ? value : undefined)),
  ),
)

/** SES began in 2011. An earlier time is no time of an event, and years below 1000 or above 9999 do not sort as text. */
const earliest = Date.UTC(2000)
const latest = Date.UTC(9999, 11, 31)

const timeWithZone = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?) ?(?:Z|([+-]\d\d):?(\d\d))$/

/** SES uses two formats: `2017-08-05T00:40:02.012Z` and `2018-10-08T14:05:45 +0000`. */
function readTime(written: string): Date | undefined {
  const [, local, hours, minutes] = timeWithZone.exec(written) ?? []
  if (local === undefined) return undefined
  const time = new Date(hours === undefined ? `${local}Z` : `${local}${hours}:${minutes}`)
  return time.getTime() >= earliest && time.getTime() < latest ? time : undefined
}

export const time = v.pipe(
  v.string(),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    const read = readTime(dataset.value)
    if (read !== undefined) return read
    addIssue({ message: 'is not a time with a zone after 1999, such as 2017-08-05T00:40:02.012Z' })
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
const mentionedAddress = v.pipe(
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

/** The recipients of the mail. Nothing depends on them, so an entry that is not a text is dropped. */
export const destination = v.pipe(
  v.nullish(v.array(v.unknown()), []),
  v.transform((entries) => entries.filter((entry) => typeof entry === 'string')),
  v.array(mentionedAddress),
)

/** Tags that identify the project of an event: the configuration set, and the tenant of the account. Names have one form. */
const identifyingTags = ['ses:configuration-set', 'ses:tenant-name']
const isName = (value: unknown) => typeof value === 'string' && /^[\w-]{1,64}$/.test(value)

/**
 * `mail.tags`. A tag that is not a list of texts is dropped. A malformed tag that identifies the project makes the event malformed.
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
      if (identifyingTags.includes(name) && !isName(read.get(name)?.[0])) {
        addIssue({ message: `has a ${name} without a name of A-Z, a-z, 0-9, "_" and "-"` })
        return NEVER
      }
    }
    return Object.fromEntries(read)
  }),
)
