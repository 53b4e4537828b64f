/**
 * Who may use the dashboard: whoever has the link that was printed, and only from a browser on this computer.
 *
 * The link holds a token in its fragment, which a browser never sends. The page exchanges the token once for a cookie that scripts cannot read.
 * A page of another origin can neither reach the server under a name of its own (Host), nor send requests (Origin, Sec-Fetch-Site, and a header
 * that needs a preflight, which is not answered).
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { DashboardProblem, type DashboardRequest } from './http.ts'

/** A header that only the page itself sends: from another origin, a browser would ask first. */
const pageHeader = 'x-sesame-dashboard'

const secret = () => randomBytes(32).toString('base64url')
const digest = (text: string) => createHash('sha256').update(text).digest()
const isSame = (one: string, other: string) => timingSafeEqual(digest(one), digest(other))

export type DashboardSession = ReturnType<typeof createSession>

/**
 * @param origin where the server listens, such as `http://127.0.0.1:4566`
 * @param onExchange is told of each exchange, with the token of the next link
 */
export function createSession(origin: () => string, onExchange: (nextToken: string) => void = () => {}) {
  const cookies: string[] = []
  let token = secret()
  /** Cookies do not tell ports apart, so the name does: two dashboards may run on one computer. */
  const cookieName = () => `sesame-dashboard-${new URL(origin()).port}`

  return {
    /** The token that the next browser exchanges. */
    token: () => token,

    /** @throws DashboardProblem if the request was made under another name, or by a page of another origin */
    requireOwnOrigin({ method, headers }: DashboardRequest): void {
      const { port } = new URL(origin())
      const hosts = [`127.0.0.1:${port}`, `localhost:${port}`]
      const { host = '', origin: from, 'sec-fetch-site': site } = headers
      if (!hosts.includes(host.toLowerCase())) throw foreign()
      if (from !== undefined && from !== `http://${host.toLowerCase()}`) throw foreign()
      if (method !== 'GET' && from === undefined) throw foreign()
      if (site !== undefined && site !== 'same-origin' && site !== 'none') throw foreign()
    },

    /**
     * Exchanges the token for a cookie. A token is valid once.
     * @throws DashboardProblem
     */
    exchange(given: string): { readonly 'set-cookie': string } {
      if (!isSame(given, token))
        throw new DashboardProblem(
          401,
          'This link was used already, or belongs to a dashboard that has ended.',
          'Use the address that the terminal printed last, or start the dashboard again.',
        )
      token = secret()
      const cookie = secret()
      cookies.push(cookie)
      onExchange(token)
      return { 'set-cookie': `${cookieName()}=${cookie}; Path=/dashboard/; HttpOnly; SameSite=Strict` }
    },

    /** @throws DashboardProblem if the request has no cookie of an exchange, or was not made by the page */
    requireSession({ headers }: DashboardRequest): void {
      const given = (headers.cookie ?? '')
        .split(';')
        .map((pair) => pair.trim().split('='))
        .find(([name]) => name === cookieName())?.[1]
      if (headers[pageHeader] === undefined || given === undefined || !cookies.some((cookie) => isSame(cookie, given)))
        throw new DashboardProblem(
          401,
          'You are not signed in to this dashboard.',
          'Open the address that the terminal printed last. It holds the key.',
        )
    },
  }
}

const foreign = () =>
  new DashboardProblem(
    403,
    'The request came from another page or under another name.',
    'Open the address exactly as the terminal printed it.',
  )
