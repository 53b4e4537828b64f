/** Questions to the server of the dashboard. Each answer is parsed by its schema; a failed one becomes a ProblemError that says what to do. */
import * as v from 'valibot'
import { ProblemAnswer } from '../../src/dashboard/answers.ts'

const base = '/dashboard/api/'
const pageHeader = { 'x-sesame-dashboard': '1' }

/** What failed, and what to do. `status` 0: the server did not answer. */
export class ProblemError extends Error {
  readonly status: number
  readonly next: string

  constructor(status: number, problem: string, next: string) {
    super(problem)
    this.status = status
    this.next = next
  }
}

async function send(path: string, init: RequestInit): Promise<Response> {
  const response = await fetch(base + path, {
    ...init,
    headers: { ...pageHeader, ...init.headers },
    credentials: 'same-origin',
    cache: 'no-store',
  }).catch(() => {
    throw new ProblemError(
      0,
      'The dashboard does not answer.',
      'It may have ended: look at the terminal, and start it again. What is shown is the last known state.',
    )
  })
  if (response.ok || response.status === 304) return response
  const problem = v.safeParse(ProblemAnswer, await response.json().catch(() => undefined))
  throw problem.success
    ? new ProblemError(response.status, problem.output.problem, problem.output.next)
    : new ProblemError(
        response.status,
        `The dashboard answered with status ${response.status}.`,
        'Load the page again.',
      )
}

const read = async <Schema extends v.GenericSchema>(response: Response, schema: Schema) =>
  v.parse(schema, await response.json())

export type Fresh<T> = { readonly etag: string; readonly value: T }

/** @returns `undefined` if nothing changed since the answer with this ETag */
export async function get<Schema extends v.GenericSchema>(
  path: string,
  schema: Schema,
  etag?: string,
): Promise<Fresh<v.InferOutput<Schema>> | undefined> {
  const response = await send(path, etag === undefined ? {} : { headers: { 'if-none-match': etag } })
  if (response.status === 304) return undefined
  return { etag: response.headers.get('etag') ?? '', value: await read(response, schema) }
}

export async function post<Schema extends v.GenericSchema>(
  path: string,
  body: object,
  schema: Schema,
): Promise<v.InferOutput<Schema>> {
  const init = { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }
  return read(await send(path, init), schema)
}

export const problemOf = (error: unknown): ProblemError =>
  error instanceof ProblemError
    ? error
    : new ProblemError(
        0,
        'The page could not read the answer.',
        'Load the page again. If that does not help, update Sesame.',
      )
