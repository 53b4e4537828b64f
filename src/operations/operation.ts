/**
 * Operations on settings and connections, as the function manage-connection takes them: a request is `{ do, by, … }`, the answer
 * `{ done }` or `{ refused }`.
 *
 * Each operation stands in a file of its own and is named once, in src/handlers/manage-connection.ts.
 */
import * as v from 'valibot'
import type { Deployment } from '../arn.ts'
import type { ChangeContext } from '../projects/changes.ts'
import { refuseGivenExternalId } from '../projects/external-id.ts'
import { type Issue, issueOf } from '../projects/issue.ts'
import { ProjectId } from '../projects/project.ts'

/** Who asks, when, and of which Sesame. */
export type RequestContext = ChangeContext & { readonly place: Deployment }

export type Operation = (request: unknown, asking: RequestContext) => Promise<unknown>

/** A request that cannot be: says which field and what is wrong, never what stood there. */
class RequestError extends Error {
  override readonly name = 'RequestError'
  readonly retryable = false
  readonly field: string

  constructor({ field, why }: Issue) {
    super(`${field} ${why}`)
    this.field = field
  }
}

/** An operation on requests of a shape; a field that the shape does not have is refused. */
export function createOperation<Entries extends v.ObjectEntries, Answer>(
  entries: Entries,
  run: (request: v.InferOutput<v.StrictObjectSchema<Entries, undefined>>, asking: RequestContext) => Promise<Answer>,
) {
  const schema = v.strictObject(entries)
  return async (request: unknown, asking: RequestContext): Promise<Answer> => run(read(schema, request), asking)
}

export type Refusal = {
  readonly error: string
  readonly message: string
  readonly retryable: boolean
  /** The field of the request, or the layer of the connection, that is to blame. */
  readonly at?: string | undefined
}

export type Answer = { readonly done: unknown } | { readonly refused: Refusal }

/** What is asked, by whom; the rest is the operation's. A person's name, not a line of text. */
const Request = v.looseObject({
  do: v.string(),
  by: v.pipe(v.string(), v.regex(/^[\p{L}\p{N} .,'@+=:/_-]{1,100}$/u, 'must be a name of at most 100 characters')),
})

type Told = {
  readonly operation?: string
  readonly project?: string
  readonly outcome: string
  readonly error?: string
}

/**
 * Runs what a request asks for.
 * @param asking what AWS says of the call
 * @param tell is told of every request in words that hold nothing of it but the names of operation and project
 * @throws whatever is no deliberate error: that is a defect, or AWS's
 */
export async function dispatch(
  operations: Readonly<Record<string, Operation>>,
  request: unknown,
  asking: Omit<RequestContext, 'by'>,
  tell: (line: Told) => void,
): Promise<Answer> {
  const named = v.safeParse(v.object({ project: ProjectId }), request)
  const about = named.success ? named.output : {}
  try {
    refuseGivenExternalId(request)
    const { do: name, by, ...rest } = read(Request, request)
    const run = Object.hasOwn(operations, name) ? operations[name] : undefined
    if (!run) throw new RequestError({ field: 'do', why: `must be one of ${Object.keys(operations).join(', ')}` })
    try {
      const done = await run(rest, { ...asking, by })
      tell({ operation: name, ...about, outcome: 'done' })
      return { done }
    } catch (error) {
      tell({ operation: name, ...about, outcome: isDeliberate(error) ? 'refused' : 'failed', error: nameOf(error) })
      throw error
    }
  } catch (error) {
    if (!isDeliberate(error)) throw error
    const { name, message, retryable, field, layer } = error
    return { refused: { error: name, message, retryable, at: field ?? layer } }
  }
}

function read<Schema extends v.GenericSchema>(schema: Schema, request: unknown): v.InferOutput<Schema> {
  const { success, output, issues } = v.safeParse(schema, request)
  if (success) return output
  throw new RequestError(issueOf(issues[0], 'request'))
}

type Deliberate = Error & { readonly retryable: boolean; readonly field?: string; readonly layer?: string }

/** Each of our own errors says whether trying again may help. */
const isDeliberate = (error: unknown): error is Deliberate =>
  error instanceof Error && 'retryable' in error && typeof error.retryable === 'boolean'

const nameOf = (error: unknown) => (error instanceof Error ? error.name : 'an unknown error')
