/**
 * Problems: the errors of the HTTP API, in the form of RFC 9457. Each says what happened, names the field, and what to do next.
 * https://www.rfc-editor.org/rfc/rfc9457
 */

type ProblemKind = { readonly status: number; readonly title: string; readonly remedy: string }

/** Every kind of problem. docs/api.md lists them. */
export const problemKinds = {
  'invalid-request': {
    status: 400,
    title: 'The request is not valid',
    remedy: 'Correct the fields that `errors` names.',
  },
  'not-json': { status: 400, title: 'The body is not JSON', remedy: 'Send a JSON object.' },
  'invalid-cursor': {
    status: 400,
    title: 'The cursor is not valid',
    remedy: 'Use the value of `next` from the page before, with the same filters, or start again without a cursor.',
  },
  'invalid-idempotency-key': {
    status: 400,
    title: 'The idempotency key is not valid',
    remedy: 'Send the header Idempotency-Key with 1 to 255 printable characters.',
  },
  'no-such-project': {
    status: 404,
    title: 'There is no such project',
    remedy: 'Check the name in the path. `sesame project list` prints all projects.',
  },
  'no-such-route': {
    status: 404,
    title: 'There is no such route',
    remedy: 'docs/api.md lists the routes.',
  },
  'request-in-flight': {
    status: 409,
    title: 'A request with this idempotency key is under way',
    remedy: 'Wait for `Retry-After`, and send the same request again to get its answer.',
  },
  'body-too-large': {
    status: 413,
    title: 'The body is too large',
    remedy: 'Divide the request into several.',
  },
  'unsupported-media-type': {
    status: 415,
    title: 'The body has another media type than JSON',
    remedy: 'Set the header Content-Type to application/json.',
  },
  'idempotency-key-reused': {
    status: 422,
    title: 'The idempotency key belongs to another request',
    remedy: 'Use a new key for each new request. A repeated request must have the same body.',
  },
  throttled: {
    status: 429,
    title: 'Too many requests',
    remedy: 'Wait for `Retry-After`, and send the request again.',
  },
  'internal-error': {
    status: 500,
    title: 'The request failed',
    remedy: 'Send the request again. If it fails again, give the operator the `instance`.',
  },
} as const satisfies Readonly<Record<string, ProblemKind>>

export type ProblemType = keyof typeof problemKinds

/** One field of the request, by JSON Pointer (RFC 6901), and what it must be. */
export type FieldError = { readonly pointer: string; readonly detail: string }

type ProblemFacts = {
  readonly detail: string
  readonly errors?: readonly FieldError[]
  readonly retryAfterSeconds?: number
}

/** An answer that is a problem. */
export class Problem extends Error {
  override readonly name = 'Problem'
  readonly retryable: boolean
  readonly type: ProblemType
  readonly facts: ProblemFacts

  constructor(type: ProblemType, facts: ProblemFacts) {
    super(`${problemKinds[type].title}: ${facts.detail}`)
    this.retryable = facts.retryAfterSeconds !== undefined
    this.type = type
    this.facts = facts
  }
}

export type HttpAnswer = {
  readonly statusCode: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export const problemTypeOf = (type: ProblemType): string => `urn:sesame:problem:${type}`

/** @param instance the id of the request, by which the operator finds it in the log */
export function answerOfProblem({ type, facts }: Problem, instance: string): HttpAnswer {
  const { status, title, remedy } = problemKinds[type]
  const { detail, errors, retryAfterSeconds } = facts
  return {
    statusCode: status,
    headers: {
      'content-type': 'application/problem+json',
      ...(retryAfterSeconds !== undefined && { 'retry-after': String(retryAfterSeconds) }),
    },
    body: JSON.stringify({
      type: problemTypeOf(type),
      title,
      status,
      detail,
      remedy,
      instance: `urn:request:${instance}`,
      ...(errors && { errors }),
      ...(retryAfterSeconds !== undefined && { retryAfter: retryAfterSeconds }),
    }),
  }
}
