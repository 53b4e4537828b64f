/**
 * One request over node:http or node:https, with a limit for the connection and one for the whole exchange.
 */
import * as http from 'node:http'
import * as https from 'node:https'

export type Answer = { readonly statusCode: number; readonly headers: http.IncomingHttpHeaders; readonly body: string }

/** Well within the timeout of every function, so that there is time for a retry. */
const limitsMs = { connection: 1_000, answer: 5_000 }

/** No answer came in time. The name and the code are those that AWS's retry strategy knows as transient. */
class TimeoutError extends Error {
  override readonly name = 'TimeoutError'
  readonly code = 'ETIMEDOUT'
}

/**
 * @param url protocol, host and port of the service
 * @returns headers and body of a POST → the answer; rejects with the error of the socket, or with a TimeoutError
 */
export function createTransport({ protocol, hostname, port }: URL, limits = limitsMs) {
  const { Agent, request } = protocol === 'https:' ? https : http
  const connected = protocol === 'https:' ? 'secureConnect' : 'connect'
  const options = { method: 'POST', path: '/', hostname, port, agent: new Agent({ keepAlive: true, maxSockets: 50 }) }
  return (headers: Readonly<Record<string, string>>, body: string) =>
    new Promise<Answer>((resolve, reject) => {
      const limit = (ms: number, what: string) =>
        setTimeout(() => sent.destroy(new TimeoutError(`No ${what} in ${ms} ms`)), ms)
      const timer = limit(limits.answer, 'answer')
      const fail = (error: Error) => {
        clearTimeout(timer)
        reject(error)
      }
      const sent = request({ ...options, headers }, (response) => {
        const chunks: Buffer[] = []
        response
          .on('data', (chunk) => chunks.push(chunk))
          .on('error', fail)
          .on('end', () => {
            clearTimeout(timer)
            const { statusCode = 0, headers } = response
            resolve({ statusCode, headers, body: Buffer.concat(chunks).toString() })
          })
      })
      sent.on('error', fail).on('socket', (socket) => {
        if (!socket.connecting) return
        const connecting = limit(limits.connection, 'connection')
        for (const end of [connected, 'close']) socket.once(end, () => clearTimeout(connecting))
      })
      sent.end(body)
    })
}
