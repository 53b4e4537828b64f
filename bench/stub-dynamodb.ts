/**
 * A DynamoDB stub on loopback. It answers at once and stores nothing, so that only the caller is measured.
 *
 * It runs as a process of its own, whose CPU time is not counted, and sends its addresses to its parent.
 */
import { createServer, type RequestListener } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo, Server } from 'node:net'
import { certificateForLocalhost } from './certificate.ts'
import { account, configurationSet, project } from './messages.ts'

export type StubDynamodb = { readonly http: string; readonly https: string; readonly certificate: string }

const routes = {
  Items: [{ id: { S: `route#${account}` }, facet: { S: configurationSet }, project: { S: project } }],
  Count: 1,
  ScannedCount: 1,
}

const answerTo = (operation: string): object => (operation === 'Query' ? routes : {})

const answer: RequestListener = (request, response) => {
  request.resume().on('end', () => {
    const operation = String(request.headers['x-amz-target']).split('.')[1] ?? ''
    const body = JSON.stringify(answerTo(operation))
    response.writeHead(200, {
      'content-type': 'application/x-amz-json-1.0',
      'content-length': Buffer.byteLength(body),
      'x-amzn-requestid': 'QJ5LV3V3B8E8J2G5A0M1N7H3PRVV4KQNSO5AEMVJF66Q9ASUAAJG',
      'x-amz-crc32': '2745614147',
    })
    response.end(body)
  })
}

/** Starts a server on a free port. */
const listen = (server: Server) =>
  new Promise<number>((resolve) => {
    server.listen(0, 'localhost', () => resolve((server.address() as AddressInfo).port))
  })

const certificate = certificateForLocalhost()
const keepAlive = { keepAliveTimeout: 600_000 }
const [port, tlsPort] = await Promise.all([
  listen(createServer(keepAlive, answer)),
  listen(createTlsServer({ ...certificate, ...keepAlive }, answer)),
])
process.on('disconnect', () => process.exit())
process.send?.({
  http: `http://localhost:${port}`,
  https: `https://localhost:${tlsPort}`,
  certificate: certificate.cert,
} satisfies StubDynamodb)
