/** Serves the dashboard on this computer only, until nobody has asked for a while. */

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { DashboardHandler } from './http.ts'
import { readBody } from './request-body.ts'

/** The longest request is a reason for a ruling, or a thousand ids of dead letters. */
const maximumBodyBytes = 128_000
const idleCheckMs = 10_000

export type DashboardServer = {
  /** `http://127.0.0.1:PORT` */
  readonly origin: string
  /** Answers requests from now on. Requests before that are refused with status 503. */
  serve(handle: DashboardHandler): void
  /** Resolves when the server was closed, or nobody asked for the given time. */
  readonly ended: Promise<void>
  close(): Promise<void>
}

/**
 * Opens a port of the loopback interface.
 * @param port 0 for any free one
 * @param idleMs time without a request after which the server ends
 * @throws Error when the port is in use
 */
export async function openDashboardServer(port: number, idleMs: number): Promise<DashboardServer> {
  let handle: DashboardHandler | undefined
  let lastAskedAt = Date.now()
  const server = createServer((request, response) => {
    lastAskedAt = Date.now()
    if (handle === undefined) return void response.writeHead(503, { 'retry-after': '1' }).end()
    // A client that has disconnected can be told nothing.
    answer(handle, request, response).catch(() => response.destroy())
  })
  server.requestTimeout = 30_000
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => resolve())
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The server has no port after listen')
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  const ended = new Promise<void>((resolve) => {
    const timer = setInterval(
      () => {
        if (Date.now() - lastAskedAt >= idleMs) void close()
      },
      Math.min(idleCheckMs, idleMs),
    )
    server.once('close', () => {
      clearInterval(timer)
      resolve()
    })
  })
  return {
    origin: `http://127.0.0.1:${address.port}`,
    serve: (given) => {
      handle = given
    },
    ended,
    close,
  }
}

async function answer(handle: DashboardHandler, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await readBody(request, maximumBodyBytes)
  if (body === undefined) return void response.writeHead(413, { connection: 'close', 'content-length': 0 }).end()
  const [path = '/'] = (request.url ?? '/').split('?')
  // A path that is typed without the dashboard leads to it.
  if (path === '/') return void response.writeHead(302, { location: '/dashboard/', 'content-length': 0 }).end()
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(',') : value]),
  )
  const found = await handle({ method: request.method ?? 'GET', path, headers, body })
  response.writeHead(found.status, found.headers).end(found.body)
}
