/** A receiver of webhooks on this machine. */
import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import { certificate, privateKey } from './certificate.ts'

export type Received = { readonly url: string; readonly headers: Record<string, string>; readonly body: string }

/** @param answer the status of each answer, or how to answer */
export async function startReceiver(
  answer: number | RequestListener | (() => number) = 200,
  { isEncrypted = false, staysOpen = false } = {},
) {
  const received: Received[] = []
  const listener: RequestListener = async (request, response) => {
    received.push(await read(request))
    if (typeof answer === 'function' && answer.length > 0) return answer(request, response)
    const status = typeof answer === 'number' ? answer : Number(Reflect.apply(answer, undefined, []))
    response.writeHead(status, { location: 'http://169.254.169.254/latest/meta-data/' }).end()
  }
  const server = isEncrypted
    ? createTlsServer({ cert: certificate, key: privateKey }, listener)
    : createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const close = () => {
    server.closeAllConnections()
    server.close()
  }
  if (!staysOpen) onTestFinished(close)
  const { port } = addressOf(server.address())
  return { origin: `${isEncrypted ? 'https' : 'http'}://127.0.0.1:${port}`, port, received, close }
}

function addressOf(address: AddressInfo | string | null): AddressInfo {
  if (address === null || typeof address === 'string') throw new Error('The receiver has no port')
  return address
}

async function read(request: IncomingMessage): Promise<Received> {
  let body = ''
  for await (const chunk of request) body += String(chunk)
  const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]))
  return { url: request.url ?? '', headers, body }
}
