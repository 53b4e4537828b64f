/**
 * A route of the HTTP API as data: the schemas that validate it are the schemas that OpenAPI shows.
 *
 * Schemas of requests have no transformations, because JSON Schema has none.
 */
import type * as v from 'valibot'

type Schema = v.GenericSchema

export type Route<Input extends Schema = Schema, Answer extends Schema = Schema> = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** As it is in serverless.yml: `/projects/{project}/…` */
  readonly path: string
  readonly operationId: string
  /** A sentence that begins with a verb. */
  readonly summary: string
  readonly description: string
  /** The values in the path beside the project, by name. */
  readonly parameters?: Readonly<Record<string, v.GenericSchema<string, string>>>
  /** The body of a POST or PUT, and the query of a GET or DELETE, whose values are texts. */
  readonly input: Input
  readonly answer: Answer
  /** Whether the header Idempotency-Key counts. */
  readonly idempotencyKey: 'ignored' | 'accepted' | 'required'
  /** The largest body in bytes. */
  readonly maxBytes: number
}

export const hasBody = ({ method }: Pick<Route, 'method'>): boolean => method === 'POST' || method === 'PUT'

export const routeKeyOf = ({ method, path }: Pick<Route, 'method' | 'path'>): string => `${method} ${path}`

/** Who sent a request, as IAM attests it. */
export type Caller = {
  /** The name of the role or user. The name of a session is left out, because the caller chooses it. */
  readonly name: string
  readonly account: string
}

/** What an endpoint gets beside its input. */
export type Call = {
  readonly project: string
  /** The values in the path beside the project, as the route's schemas allow them. */
  readonly parameters: Readonly<Record<string, string>>
  readonly caller: Caller
  readonly at: Date
  /** The id of the request. */
  readonly request: string
  /** The same for every repetition of a request with an idempotency key. Letters and digits. */
  readonly attempt: string
}

/** A value in the path, which the route names. */
export function parameterOf({ parameters }: Call, name: string): string {
  const value = parameters[name]
  if (value === undefined) throw new Error(`The route names no {${name}}`)
  return value
}

/** A route with the code that answers it. */
export type Endpoint = {
  readonly route: Route
  /** @throws Problem */
  readonly run: (given: unknown, call: Call) => Promise<unknown>
  /**
   * The answer to a repetition of a request whose first run died, if the request must not be run again. Absent if it may be.
   */
  readonly abandoned?: (given: unknown, call: Call) => unknown
  /** What is known by now of an answer that was kept; `undefined` if no more than then. */
  readonly settled?: (kept: unknown, call: Call, startedAt: Date) => Promise<unknown>
}
