/**
 * The dashboard: one handler for the page, its files and its questions, behind any server on this computer.
 *
 * Every request must name this computer as its host and come from the page itself. A question also needs the cookie of an exchange, and a change
 * a dashboard that may write. Answers carry an ETag, so a page that asks every two seconds receives only what is new.
 */
import { createHash } from 'node:crypto'
import * as v from 'valibot'
import { createAccountStandings } from './account-standing.ts'
import type { SessionAnswer } from './answers.ts'
import type { Assets } from './assets.ts'
import { createDeadLetterGroups } from './dead-letter-groups.ts'
import {
  type DashboardHandler,
  DashboardProblem,
  type DashboardRequest,
  type DashboardResponse,
  jsonResponse,
  problemResponse,
  readBody,
} from './http.ts'
import { createListSummaries } from './list-summary.ts'
import { createMailCounts } from './mail-counts.ts'
import { createProjectRows } from './project-rows.ts'
import { createReferences } from './references.ts'
import { createRoleRows } from './role-rows.ts'
import { createAddressScreen } from './screens/address.ts'
import { createConnectionScreens } from './screens/connections.ts'
import { createDeadLetterScreens } from './screens/dead-letters.ts'
import { createMessageScreen } from './screens/message.ts'
import { createOverview } from './screens/overview.ts'
import { createProjectScreen } from './screens/project.ts'
import { createRoleScreens } from './screens/roles.ts'
import { createSearch } from './screens/search.ts'
import type { DashboardSession } from './session.ts'
import type { DashboardDeps } from './stack.ts'

/** Where the dashboard is on its server. */
export const dashboardPath = '/dashboard/'

type Route = {
  readonly method: 'GET' | 'POST'
  readonly pattern: RegExp
  /** Whether it changes something. */
  readonly writes?: true
  readonly answer: (request: DashboardRequest, ...parts: string[]) => unknown
}

const Exchange = v.strictObject({ token: v.pipe(v.string(), v.maxLength(100, 'is too long')) })

export function createDashboard(deps: DashboardDeps, session: DashboardSession, assets: Assets): DashboardHandler {
  const routes = routesOf(deps)

  async function answer(request: DashboardRequest): Promise<DashboardResponse> {
    session.requireOwnOrigin(request)
    const path = request.path.startsWith(dashboardPath) ? request.path.slice(dashboardPath.length) : '-'
    if (!path.startsWith('api/')) {
      const file = request.method === 'GET' ? assets(path) : undefined
      if (file) return file
      throw new DashboardProblem(404, 'There is nothing here.', 'Open the dashboard at its start: /dashboard/')
    }
    const name = path.slice('api/'.length)
    if (name === 'session' && request.method === 'POST') {
      const { token } = readBody(Exchange, request)
      return jsonResponse(200, {}, session.exchange(token))
    }
    session.requireSession(request)
    return answerRoute(request, name)
  }

  async function answerRoute(request: DashboardRequest, name: string): Promise<DashboardResponse> {
    for (const { method, pattern, writes, answer: run } of routes) {
      const parts = method === request.method ? pattern.exec(name) : null
      if (!parts) continue
      if (writes && !deps.canWrite)
        throw new DashboardProblem(
          403,
          'This dashboard only reads.',
          'To change something here, start it with: sesame dashboard --write',
        )
      return withTag(request, jsonResponse(200, await run(request, ...parts.slice(1).map(decodePart))))
    }
    throw new DashboardProblem(404, 'There is no such question.', 'Load the page again.')
  }

  return async (request) => {
    try {
      return await answer(request)
    } catch (error) {
      if (error instanceof DashboardProblem) return problemResponse(error)
      const next = 'What was shown before still holds. The page tries again by itself.'
      return problemResponse(new DashboardProblem(502, deps.explain(error), next))
    }
  }
}

/** @throws DashboardProblem if the part of the path is not encoded correctly */
function decodePart(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    throw new DashboardProblem(400, 'The link is broken.', 'Open the screen from the overview.')
  }
}

function withTag({ headers }: DashboardRequest, response: DashboardResponse): DashboardResponse {
  const etag = `"${createHash('sha256').update(response.body).digest('base64url').slice(0, 27)}"`
  if (headers['if-none-match'] !== etag) return { ...response, headers: { ...response.headers, etag } }
  return { status: 304, headers: { ...response.headers, etag }, body: new Uint8Array() }
}

const part = '([^/]+)'
const path = (text: string) => new RegExp(`^${text.replaceAll(':part', part)}$`)

function routesOf(deps: DashboardDeps): Route[] {
  const { stack, ask, now, stage, region, canWrite, by, explain } = deps
  const references = createReferences()
  const lists = createListSummaries(stack, now)
  const rows = createProjectRows(stack, createMailCounts(stack, now), lists, now)
  const letters = createDeadLetterGroups(ask, now)
  const roles = createRoleRows(stack, now)
  const overview = createOverview({ rows, letters, roles, explain, now })
  /** After a change by the page, the next answer is read anew. */
  const changed = () => {
    lists.clear()
    overview.clear()
  }
  const address = createAddressScreen({ stack, references, now, by, changed })
  const connections = createConnectionScreens({ stack, ask, now, changed })
  const deadLetters = createDeadLetterScreens(letters, ask, changed)
  const roleScreens = createRoleScreens(roles)
  const project = createProjectScreen({ rows, references, standings: createAccountStandings(ask, explain, now) })
  const message = createMessageScreen({ stack, references, now })
  const search = createSearch({ stack, references, now })
  const about: SessionAnswer = { stage, region, canWrite, by }
  return [
    { method: 'GET', pattern: path('session'), answer: () => about },
    { method: 'GET', pattern: path('overview'), answer: () => overview.answer() },
    { method: 'GET', pattern: path('projects/:part'), answer: (_, id = '') => project(id) },
    { method: 'GET', pattern: path('addresses/:part'), answer: (_, ref = '') => address.show(ref) },
    { method: 'POST', pattern: path('addresses/:part/reveal'), answer: (_, ref = '') => address.reveal(ref) },
    {
      method: 'POST',
      pattern: path('addresses/:part/rulings'),
      writes: true,
      answer: (request, ref = '') => address.rule(ref, request),
    },
    { method: 'GET', pattern: path('messages/:part/:part'), answer: (_, id = '', mail = '') => message(id, mail) },
    { method: 'POST', pattern: path('search'), answer: (request) => search(request) },
    { method: 'GET', pattern: path('connections'), answer: () => connections.list() },
    { method: 'GET', pattern: path('connections/:part'), answer: (_, id = '') => connections.show(id) },
    {
      method: 'POST',
      pattern: path('connections/:part/proof'),
      writes: true,
      answer: (_, id = '') => connections.prove(id),
    },
    { method: 'GET', pattern: path('roles'), answer: () => roleScreens.list() },
    { method: 'GET', pattern: path('roles/:part'), answer: (_, name = '') => roleScreens.show(name) },
    { method: 'GET', pattern: path('dead-letters'), answer: () => deadLetters.list() },
    {
      method: 'POST',
      pattern: path('dead-letters/refresh'),
      answer: () => {
        deadLetters.refresh()
        return deadLetters.list()
      },
    },
    { method: 'POST', pattern: path('dead-letters/show'), answer: (request) => deadLetters.show(request) },
    {
      method: 'POST',
      pattern: path('dead-letters/replay'),
      writes: true,
      answer: (request) => deadLetters.replay(request),
    },
    {
      method: 'POST',
      pattern: path('dead-letters/drop'),
      writes: true,
      answer: (request) => deadLetters.drop(request),
    },
  ]
}
