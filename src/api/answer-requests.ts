/**
 * Answers the requests of a function: finds the endpoint, parses the input, runs it, and writes the answer or the problem. It never throws for
 * anything that a caller sent.
 */
import { createHash } from 'node:crypto'
import type { Idempotency } from './idempotency.ts'
import { answerOfProblem, type HttpAnswer, internalError, Problem } from './problem.ts'
import { type ApiRequest, callerOf, inputOf, parametersOf, projectOf, readRequest } from './request.ts'
import { type Call, type Endpoint, type Route, routeKeyOf } from './route.ts'

export type ApiDependencies = {
  readonly endpoints: readonly Endpoint[]
  readonly idempotency?: Idempotency
  readonly now: () => Date
  /** Gets one line of facts for each request. None of them is personal. */
  readonly log: (facts: { readonly outcome: string; readonly [fact: string]: unknown }) => void
  /** An error that is not a problem → the facts that may be logged. */
  readonly failureOf: (error: unknown) => { readonly outcome: string }
}

export function createApi({ endpoints, idempotency, now, log, failureOf }: ApiDependencies) {
  const byKey = new Map(endpoints.map((endpoint) => [routeKeyOf(endpoint.route), endpoint]))

  return async (event: unknown): Promise<HttpAnswer> => {
    const request = readRequest(event)
    const { requestId } = request.requestContext
    const facts: { route?: string; project?: string } = {}
    try {
      const endpoint = byKey.get(request.routeKey)
      if (!endpoint) throw new Problem('no-such-route', { detail: 'No route has this method and path.' })
      const { route, run, abandoned, settled } = endpoint
      facts.route = route.operationId
      facts.project = projectOf(request)
      const key = keyOf(request, route)
      const caller = callerOf(request)
      const attempt = attemptOf([facts.project, caller.account, caller.name, key ?? requestId])
      const parameters = parametersOf(request, route)
      const call: Call = { project: facts.project, parameters, caller, at: now(), request: requestId, attempt }
      const given = inputOf(request, route)
      const work = async () => answerOf(await run(given, call))
      const isKept = idempotency && key !== undefined
      // What the key stands for: the input, and the values in the path if the route has some.
      const whole = route.parameters ? { parameters, given } : given
      const keyed = { key: key ?? '', call, route: route.operationId, given: whole }
      const ifAbandoned = abandoned && (() => answerOf(abandoned(given, call)))
      const settle =
        settled &&
        (async (kept: HttpAnswer, startedAt: Date) => {
          const value = await settled(JSON.parse(kept.body), call, startedAt)
          return value === undefined ? undefined : answerOf(value)
        })
      const answer = isKept
        ? await idempotency.once({ ...keyed, ...(ifAbandoned && { ifAbandoned }), ...(settle && { settle }) }, work)
        : await work()
      log({ outcome: 'answered', ...facts, status: answer.statusCode, request: requestId })
      return answer
    } catch (error) {
      const problem = error instanceof Problem ? error : internalError
      const told = error instanceof Problem ? { outcome: `problem: ${error.type}` } : failureOf(error)
      log({ ...told, ...facts, request: requestId })
      return answerOfProblem(problem, requestId)
    }
  }
}

/** The idempotency key, if the route takes one. @throws Problem */
function keyOf({ headers }: ApiRequest, { idempotencyKey }: Route): string | undefined {
  const key = headers['idempotency-key']
  if (idempotencyKey === 'required' && key === undefined)
    throw new Problem('idempotency-key-missing', { detail: 'The header Idempotency-Key is missing.' })
  return idempotencyKey === 'ignored' ? undefined : key
}

const attemptOf = (parts: readonly string[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32)

const answerOf = (value: unknown): HttpAnswer => ({
  statusCode: 200,
  // An answer has addresses, and may have credentials.
  headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
  body: JSON.stringify(value),
})
