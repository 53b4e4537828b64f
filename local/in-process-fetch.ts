/** A `fetch` that calls the embedded AWS in this process, for clients that use fetch. */
import type { WireHandler } from './wire/handler.ts'
import { readQuery } from './wire/request.ts'

export const createInProcessFetch =
  (handle: WireHandler): typeof globalThis.fetch =>
  async (input, init = {}) => {
    const request = new Request(input, init)
    const url = new URL(request.url)
    const answer = await handle({
      method: request.method,
      path: url.pathname,
      query: readQuery(url.search.slice(1)),
      headers: { ...Object.fromEntries(request.headers), host: url.host },
      body: new Uint8Array(await request.arrayBuffer()),
    })
    return new Response(Uint8Array.from(answer.body), { status: answer.status, headers: answer.headers })
  }
