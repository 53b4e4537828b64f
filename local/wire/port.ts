/** Serves requests over one HTTP port on the loopback interface, for the AWS CLI or an SDK in any language. */

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { readBody } from '../../src/dashboard/request-body.ts'
import type { WireHandler } from './handler.ts'
import { maximumBodyBytes, readQuery, type WireRequest } from './request.ts'

/** Answers a request of a browser. */
type PageHandler = (request: WireRequest) => Promise<{
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}>

export type OpenPort = {
  url: string
  /** Answers requests from now on. Requests before that are refused with status 503. */
  serve(handle: WireHandler): void
  /** Answers requests below a path that are not signed. It may begin before the others are answered. */
  serveBelow(path: string, handle: PageHandler): void
  close(): Promise<void>
}

/**
 * Opens the port.
 *
 * @param port 0 for any free port
 * @throws Error when the port is in use
 */
export async function openPort(port: number): Promise<OpenPort> {
  let handle: WireHandler | undefined
  let page: { readonly path: string; readonly handle: PageHandler } | undefined
  const server = createServer((request, response) => {
    const isForPage = page !== undefined && request.url?.startsWith(page.path) && !request.headers.authorization
    const answering = isForPage ? page?.handle : handle
    if (answering === undefined) return void response.writeHead(503, { 'retry-after': '1' }).end()
    answer(answering, request, response).catch(() => {
      // The client has disconnected or did not send HTTP, so no response can reach it.
      response.destroy()
    })
  })
  server.requestTimeout = 60_000
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => resolve())
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The server has no port after listen')
  return {
    url: `http://127.0.0.1:${address.port}`,
    serve: (given) => {
      handle = given
    },
    serveBelow: (path, given) => {
      page = { path, handle: given }
    },
    close: () =>
      new Promise((resolve, reject) => {
        server.close((cause) => (cause ? reject(cause) : resolve()))
        server.closeAllConnections()
      }),
  }
}

async function answer(handle: PageHandler, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await readBody(request, maximumBodyBytes)
  if (body === undefined) {
    response.writeHead(413, { connection: 'close', 'content-length': 0 }).end()
    return
  }
  const target = request.url ?? '/'
  const cut = target.indexOf('?')
  let query: Record<string, string | string[]>
  try {
    query = cut < 0 ? {} : readQuery(target.slice(cut + 1))
  } catch {
    response.writeHead(400, { 'content-length': 0 }).end()
    return
  }
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(',') : (value ?? ''),
    ]),
  )
  const {
    status,
    headers: responseHeaders,
    body: responseBody,
  } = await handle({
    method: request.method ?? 'GET',
    path: cut < 0 ? target : target.slice(0, cut),
    query,
    headers,
    body,
  })
  response.writeHead(status, { ...responseHeaders, 'content-length': responseBody.length }).end(responseBody)
}
