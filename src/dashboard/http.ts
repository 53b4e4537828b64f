/** Requests to the dashboard and its answers, whatever server they come through. */
import * as v from 'valibot'

export type DashboardRequest = {
  readonly method: string
  /** Path without the query. */
  readonly path: string
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: Uint8Array
}

export type DashboardResponse = {
  readonly status: number
  readonly headers: Record<string, string>
  readonly body: Uint8Array
}

export type DashboardHandler = (request: DashboardRequest) => Promise<DashboardResponse>

/** A request that cannot be answered. `problem` says what failed and `next` what to do. */
export class DashboardProblem extends Error {
  override readonly name = 'DashboardProblem'
  readonly retryable = false
  readonly status: number
  readonly next: string

  constructor(status: number, problem: string, next: string) {
    super(problem)
    this.status = status
    this.next = next
  }
}

/**
 * Only what the server itself serves may run or be shown, no page may frame this one, and no text can become markup: the page uses no API that
 * takes markup, and the browser refuses every other one (Trusted Types).
 * https://www.w3.org/TR/trusted-types/
 */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ')

export const securityHeaders = {
  'content-security-policy': contentSecurityPolicy,
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
} as const

export function jsonResponse(status: number, value: unknown, headers: Record<string, string> = {}): DashboardResponse {
  return {
    status,
    headers: { ...securityHeaders, 'content-type': 'application/json', 'cache-control': 'no-store', ...headers },
    body: Buffer.from(JSON.stringify(value)),
  }
}

export const problemResponse = ({ status, message, next }: DashboardProblem): DashboardResponse =>
  jsonResponse(status, { problem: message, next })

/** The body as a value of a schema. @throws DashboardProblem that names the field, and repeats no value */
export function readBody<Schema extends v.GenericSchema>(
  schema: Schema,
  { body }: DashboardRequest,
): v.InferOutput<Schema> {
  const result = v.safeParse(v.pipe(v.string(), v.parseJson(), schema), Buffer.from(body).toString() || '{}')
  if (result.success) return result.output
  const [issue] = result.issues
  const field = v.getDotPath(issue) ?? 'the request'
  throw new DashboardProblem(
    400,
    `The request is not valid: ${field} ${reasonOf(issue.message)}`,
    'Correct the field and try again.',
  )
}

/** Our own rules begin in lower case; valibot's texts repeat the value. */
const reasonOf = (message: string) => (/^must /.test(message) ? message : 'is missing or has another form')
