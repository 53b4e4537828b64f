/** The request handler of an in-process SDK client. The client signs and serialises as usual; only the socket is missing. */
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import type { RequestHandler, SdkRequest } from '../service.ts'
import type { WireHandler } from './handler.ts'
import { readQuery, type WireRequest } from './request.ts'

export function createRequestHandler(handle: WireHandler): RequestHandler {
  return {
    handle: async (request) => {
      const answer = await handle(await wireRequest(request))
      // An S3 client accepts an object only as a stream.
      const body = answer.headers['accept-ranges'] ? Readable.from([answer.body]) : answer.body
      return { response: { statusCode: answer.status, headers: answer.headers, body } }
    },
    updateHttpClientConfig: () => {},
    httpHandlerConfigs: () => ({}),
  }
}

async function wireRequest({ method, path, query, headers, body }: SdkRequest): Promise<WireRequest> {
  const [plain, rest] = path.split('?')
  return {
    method,
    path: plain ?? '/',
    query: {
      ...(rest === undefined ? {} : readQuery(rest)),
      ...Object.fromEntries(Object.entries(query ?? {}).map(([name, value]) => [name, value ?? ''])),
    },
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)])),
    body: await bytesOf(body),
  }
}

async function bytesOf(body: unknown): Promise<Uint8Array> {
  if (body === undefined || body === null) return new Uint8Array()
  if (typeof body === 'string') return new TextEncoder().encode(body)
  if (body instanceof Uint8Array) return body
  if (body instanceof ArrayBuffer) return new Uint8Array(body)
  if (body instanceof Readable) return buffer(body)
  throw new TypeError('A request body must be text, bytes or a stream of bytes')
}
