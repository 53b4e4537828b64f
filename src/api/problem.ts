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
  'idempotency-key-missing': {
    status: 400,
    title: 'The idempotency key is missing',
    remedy:
      'Send the header Idempotency-Key with a value of your own, such as a UUID. A repetition has the same value.',
  },
  'sender-not-allowed': {
    status: 403,
    title: 'The sender is not one of the project',
    remedy: 'Use a sender of the project, or let an operator add it: sesame project set PROJECT --senders …',
  },
  'sessions-off': {
    status: 403,
    title: 'The project gives no credentials',
    remedy: 'Send by the API, or let an operator allow it: sesame project set PROJECT --sessions on',
  },
  'no-such-project': {
    status: 404,
    title: 'There is no such project',
    remedy: 'Check the name in the path. `sesame project list` prints all projects.',
  },
  'no-such-template': {
    status: 404,
    title: 'The project has no such template',
    remedy: 'Check the name. GET templates lists all templates of the project.',
  },
  'no-such-identity': {
    status: 404,
    title: 'The account has no such identity',
    remedy: 'Check the name, or add the identity: PUT identities.',
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
  'not-connected': {
    status: 409,
    title: 'The project has no account to send from',
    remedy: 'Let an operator run sesame doctor PROJECT.',
  },
  'feature-missing': {
    status: 409,
    title: 'The connection of the project does not include this',
    remedy:
      'Let an operator add the feature that the detail names: sesame connect PROJECT --features …, and let the customer update the role.',
  },
  'project-on-hold': {
    status: 409,
    title: 'The project may not send at the moment',
    remedy: 'The detail has the reason. An operator resumes a project with sesame project set PROJECT --resume.',
  },
  'account-unusable': {
    status: 409,
    title: 'The account of the project cannot be used',
    remedy: 'Let an operator run sesame doctor PROJECT. It shows what to change in the role of the customer.',
  },
  'sending-paused': {
    status: 409,
    title: 'Sending is paused',
    remedy:
      'The owner of the account, or AWS, has paused it for the account or the configuration set. They can resume it.',
  },
  'account-suspended': {
    status: 409,
    title: 'AWS has suspended the account',
    remedy: 'The owner of the account finds the reason in its support cases with AWS.',
  },
  'sender-not-verified': {
    status: 409,
    title: 'The sender is not verified',
    remedy:
      'Verify the address or the domain in SES, in the region of the connection, and its MAIL FROM domain if it has one.',
  },
  'configuration-missing': {
    status: 409,
    title: 'A configuration set or a tenant is missing in the account',
    remedy: 'Let an operator run sesame configure PROJECT.',
  },
  sandbox: {
    status: 409,
    title: 'The account is in the sandbox of SES',
    remedy: 'In the sandbox, SES sends to verified addresses and the simulator only. Request production access.',
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
  'message-rejected': {
    status: 422,
    title: 'SES rejected the message',
    remedy: 'Correct the message. The detail has the code of SES.',
  },
  'template-refused': {
    status: 422,
    title: 'SES refused the template or its data',
    remedy: 'Correct what the detail says.',
  },
  'identity-refused': {
    status: 422,
    title: 'SES refused the identity or its MAIL FROM domain',
    remedy: 'Correct what the detail says. A MAIL FROM domain is a subdomain of the identity.',
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
  'rate-exceeded': {
    status: 429,
    title: 'The account sends at its highest rate',
    remedy: 'The message was not sent. Wait for `Retry-After`, and send it again.',
  },
  'quota-exhausted': {
    status: 429,
    title: 'The account has used its quota of 24 hours',
    remedy:
      'The message was not sent. `Retry-After` is an estimate. The owner of the account can request a higher quota.',
  },
  'internal-error': {
    status: 500,
    title: 'The request failed',
    remedy: 'Send the request again. If it fails again, give the operator the `instance`.',
  },
  'ses-limit-exceeded': {
    status: 503,
    title: 'The account has reached a limit of SES',
    remedy: 'The message was not sent. The owner of the account finds the limit in the quotas of SES.',
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

/** A failure that says nothing to the caller. The log has its cause. */
export const internalError = new Problem('internal-error', { detail: 'Nothing else is known about the failure.' })

/** The problem as a part of an answer. */
export function problemFieldsOf({ type, facts }: Problem) {
  const { status, title, remedy } = problemKinds[type]
  const { detail, retryAfterSeconds } = facts
  return {
    type: problemTypeOf(type),
    title,
    status,
    detail,
    remedy,
    ...(retryAfterSeconds !== undefined && { retryAfter: retryAfterSeconds }),
  }
}

/** @param instance the id of the request, by which the operator finds it in the log */
export function answerOfProblem(problem: Problem, instance: string): HttpAnswer {
  const { errors, retryAfterSeconds } = problem.facts
  return {
    statusCode: problemKinds[problem.type].status,
    headers: {
      'content-type': 'application/problem+json',
      ...(retryAfterSeconds !== undefined && { 'retry-after': String(retryAfterSeconds) }),
    },
    body: JSON.stringify({
      ...problemFieldsOf(problem),
      instance: `urn:request:${instance}`,
      ...(errors && { errors }),
    }),
  }
}
