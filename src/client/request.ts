/**
 * Sends requests to the HTTP API: signs them, repeats those that are safe to repeat, and turns problems into errors.
 *
 * A request is safe if it only reads, or carries an idempotency key: then the API does the work once, however often it is sent.
 */
import { SesameError, SesameUnreachableError } from './errors.ts'
import { type Credentials, signedHeadersOf } from './sign.ts'

export type Connection = {
  readonly endpoint: URL
  readonly region: string
  readonly project: string
  readonly credentials: () => Promise<Credentials>
  readonly fetch: typeof globalThis.fetch
  readonly timeoutMs: number
}

export type ApiCall = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** Below the path of the project: `/suppressions/check`. */
  readonly path: string
  readonly query?: Readonly<Record<string, string | undefined>>
  readonly body?: object
  readonly idempotencyKey?: string
  /** The request only reads. */
  readonly isRead?: boolean
}

export type Answered = { readonly body: unknown; readonly isReplayed: boolean }

const maxAttempts = 3
const longestWaitMs = 5_000

/** @throws SesameError | SesameUnreachableError | an error of the credential provider */
export async function sendRequest(connection: Connection, call: ApiCall): Promise<Answered> {
  const isSafe = call.isRead === true || call.idempotencyKey !== undefined
  for (let attempt = 1; ; attempt++) {
    try {
      return await sendOnce(connection, call)
    } catch (error) {
      const isRetryable = (error instanceof SesameError || error instanceof SesameUnreachableError) && error.retryable
      if (!isSafe || !isRetryable || attempt === maxAttempts) throw error
      await sleep(waitMsOf(error, attempt))
    }
  }
}

function waitMsOf(error: SesameError | SesameUnreachableError, attempt: number): number {
  const asked = error instanceof SesameError ? error.problem.retryAfterSeconds : undefined
  const spread = 100 * 2 ** attempt * (0.5 + Math.random())
  return Math.min(longestWaitMs, asked === undefined ? spread : asked * 1_000)
}

async function sendOnce(connection: Connection, call: ApiCall): Promise<Answered> {
  const { endpoint, project, region } = connection
  const url = new URL(`${endpoint.pathname.replace(/\/$/, '')}/projects/${project}${call.path}`, endpoint)
  for (const [name, value] of Object.entries(call.query ?? {}))
    if (value !== undefined) url.searchParams.set(name, value)
  const body = call.body === undefined ? '' : JSON.stringify(call.body)
  const headers = {
    accept: 'application/json, application/problem+json',
    ...(body !== '' && { 'content-type': 'application/json' }),
    ...(call.idempotencyKey !== undefined && { 'idempotency-key': call.idempotencyKey }),
  }
  const signed = signedHeadersOf(
    { method: call.method, url, headers, body },
    region,
    await connection.credentials(),
    new Date(),
  )
  const { status, headers: given, text } = await exchange(connection, url, call.method, signed, body)
  const answer = parsed(text)
  if (status < 300) return { body: answer, isReplayed: given.get('idempotent-replayed') === 'true' }
  throw new SesameError(problemOf(status, given, answer))
}

async function exchange(
  { fetch, timeoutMs }: Connection,
  url: URL,
  method: string,
  headers: Record<string, string>,
  body: string,
): Promise<{ status: number; headers: Headers; text: string }> {
  try {
    const response = await fetch(url, {
      method,
      headers,
      ...(body !== '' && { body }),
      signal: AbortSignal.timeout(timeoutMs),
      // A redirect would send a signed request to another host.
      redirect: 'error',
    })
    return { status: response.status, headers: response.headers, text: await response.text() }
  } catch (cause) {
    throw new SesameUnreachableError(cause)
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

type Given = Readonly<Record<string, unknown>>
const isObject = (value: unknown): value is Given => typeof value === 'object' && value !== null
const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)

function problemOf(status: number, headers: Headers, answer: unknown) {
  const given = isObject(answer) ? answer : {}
  const after = Number(headers.get('retry-after') ?? Number.NaN)
  return {
    status,
    type: textOf(given.type) ?? 'about:blank',
    detail: textOf(given.detail) ?? textOf(given.message) ?? 'No reason was given.',
    remedy: textOf(given.remedy),
    errors: Array.isArray(given.errors) ? given.errors.filter(isFieldError) : undefined,
    retryAfterSeconds: Number.isFinite(after) ? after : undefined,
    requestId: headers.get('apigw-requestid') ?? undefined,
  }
}

const isFieldError = (value: unknown): value is { pointer: string; detail: string } =>
  isObject(value) && typeof value.pointer === 'string' && typeof value.detail === 'string'

const sleep = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))
