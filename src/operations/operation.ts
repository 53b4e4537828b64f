/**
 * What every operation has in common. A request is `{ do, by, … }`, the answer `{ done }` or `{ refused }`.
 *
 * The files beside this one hold the operations, one file for each subject. The handler that offers an operation names it:
 * src/handlers/manage-connection.ts and src/handlers/reconcile-suppressions.ts.
 */
import * as v from 'valibot'
import type { Deployment } from '../arn.ts'
import type { ChangeContext } from '../projects/changes.ts'
import { refuseGivenExternalId } from '../projects/external-id.ts'
import { type Issue, issueOf } from '../projects/issue.ts'
import { ProjectId } from '../projects/project.ts'
import type { AnswerOf, RefusalAnswer } from './answers.ts'

/** Who makes the request, when, and to which deployment of Sesame. */
export type RequestContext = ChangeContext & { readonly deployment: Deployment }

export type Operation = (request: unknown, context: RequestContext) => Promise<unknown>

/** An invalid request. The message names the field and the rule that it breaks, and never repeats the value. */
class RequestError extends Error {
  override readonly name = 'RequestError'
  readonly retryable = false
  readonly field: string

  constructor({ field, why }: Issue) {
    super(`${field} ${why}`)
    this.field = field
  }
}

/**
 * An operation whose requests have the fields of `entries` and no others.
 * @throws RequestError if a request has another shape
 */
export function createOperation<Entries extends v.ObjectEntries, Result>(
  entries: Entries,
  run: (request: v.InferOutput<v.StrictObjectSchema<Entries, undefined>>, context: RequestContext) => Promise<Result>,
) {
  const schema = v.strictObject(entries)
  return async (request: unknown, context: RequestContext): Promise<Result> => run(read(schema, request), context)
}

export type Answer = { readonly done: unknown } | { readonly refused: AnswerOf<typeof RefusalAnswer> }

/** The fields that every request has. `by` must be usable as a person's name in one line of a log. */
const Request = v.looseObject({
  do: v.string(),
  by: v.pipe(v.string(), v.regex(/^[\p{L}\p{N} .,'@+=:/_-]{1,100}$/u, 'must be a name of at most 100 characters')),
})

type OperationLogLine = {
  readonly operation?: string
  readonly project?: string
  readonly outcome: string
  readonly error?: string
}

/**
 * Runs the operation that a request names.
 * @param context what AWS attests of the call
 * @param log receives one line for each operation that ran. Of the request, the line repeats the names of operation and project only
 * @throws every error that is not one of Sesame's own: a defect, or a failure of AWS
 */
export async function dispatch(
  operations: Readonly<Record<string, Operation>>,
  request: unknown,
  context: Omit<RequestContext, 'by'>,
  log: (line: OperationLogLine) => void,
): Promise<Answer> {
  const named = v.safeParse(v.object({ project: ProjectId }), request)
  const project = named.success ? named.output : {}
  try {
    refuseGivenExternalId(request)
    const { do: name, by, ...rest } = read(Request, request)
    const run = Object.hasOwn(operations, name) ? operations[name] : undefined
    if (!run) throw new RequestError({ field: 'do', why: `must be one of ${Object.keys(operations).join(', ')}` })
    try {
      const done = await run(rest, { ...context, by })
      log({ operation: name, ...project, outcome: 'done' })
      return { done }
    } catch (error) {
      log({ operation: name, ...project, outcome: isOwnError(error) ? 'refused' : 'failed', error: nameOf(error) })
      throw error
    }
  } catch (error) {
    if (!isOwnError(error)) throw error
    const { name, message, retryable, field, layer } = error
    return { refused: { error: name, message, retryable, at: field ?? layer } }
  }
}

function read<Schema extends v.GenericSchema>(schema: Schema, request: unknown): v.InferOutput<Schema> {
  const { success, output, issues } = v.safeParse(schema, request)
  if (success) return output
  throw new RequestError(issueOf(issues[0], 'request'))
}

type OwnError = Error & { readonly retryable: boolean; readonly field?: string; readonly layer?: string }

/** Every error class of Sesame states whether a retry may help. */
const isOwnError = (error: unknown): error is OwnError =>
  error instanceof Error && 'retryable' in error && typeof error.retryable === 'boolean'

const nameOf = (error: unknown) => (error instanceof Error ? error.name : 'an unknown error')
