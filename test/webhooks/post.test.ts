import { createServer } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type Network, post, publicNetwork } from '../../src/webhooks/post.ts'
import { isPublicAddress } from '../../src/webhooks/public-address.ts'
import { certificate } from './certificate.ts'
import { startReceiver } from './receiver.ts'

const content = { headers: { 'content-type': 'application/json' }, body: '{"type":"webhook.test"}' }
/** A network in which names have the addresses of this machine. */
const here: Network = { resolve: async () => ['127.0.0.1'], isAllowed: () => true, timeoutMs: 2_000 }
const to = (origin: string): Network => ({ ...here, testReceiver: origin })

describe('post', () => {
  test('post sends the body once and returns the status of the answer', async () => {
    const { origin, received } = await startReceiver(204)
    expect(await post(to(origin), `${origin}/hook?x=1`, content)).toEqual({ status: 204 })
    expect(received).toHaveLength(1)
    expect(received[0]).toMatchObject({ url: '/hook?x=1', body: content.body })
    expect(received[0]?.headers['content-length']).toBe(String(content.body.length))
  })

  test('post does not follow a redirect, wherever it leads', async () => {
    const other = await startReceiver(200)
    const { origin } = await startReceiver((_, response) =>
      response.writeHead(307, { location: `${other.origin}/` }).end(),
    )
    expect(await post(to(origin), origin, content)).toEqual({ status: 307 })
    expect(other.received).toEqual([])
  })

  test('post connects to the address that it checked, with the name of the receiver in certificate and headers', async () => {
    const { port, received } = await startReceiver(200, { isEncrypted: true })
    const url = `https://hooks.customer.example:${port}/`
    expect(await post({ ...here, authority: certificate }, url, content)).toEqual({ status: 200 })
    expect(received[0]?.headers.host).toBe(`hooks.customer.example:${port}`)
    // Controls: the certificate of another name, and one that no public authority has signed.
    const otherName = url.replace('hooks.', 'other.')
    expect(await post({ ...here, authority: certificate }, otherName, content)).toEqual({
      failed: 'the certificate of the receiver has another name',
    })
    expect(await post(here, url, content)).toEqual({
      failed: 'the certificate of the receiver is not from a public authority',
    })
    expect(received).toHaveLength(1)
  })

  test.each([
    ['one of its addresses', ['93.184.216.34', '10.0.0.1']],
    ['its IPv6 address', ['93.184.216.34', 'fd00:ec2::254']],
    ['its only address', ['169.254.169.254']],
  ])('post refuses a name of which %s is not public, without a connection', async (_, addresses) => {
    const network: Network = { ...here, resolve: async () => addresses, isAllowed: isPublicAddress }
    expect(await post(network, 'https://hooks.customer.example/', content)).toEqual({
      failed: 'the name of the receiver has an address that is not on the public internet',
    })
  })

  test('post resolves a name once, so a name server cannot give another address after the check', async () => {
    const { port } = await startReceiver(200, { isEncrypted: true })
    const answers = [['127.0.0.1'], ['169.254.169.254']]
    let asked = 0
    const network: Network = { ...here, authority: certificate, resolve: async () => answers[asked++] ?? [] }
    expect(await post(network, `https://hooks.customer.example:${port}/`, content)).toEqual({ status: 200 })
    expect(asked).toBe(1)
  })

  test('post refuses an address of this machine in the network of a deployment, and reaches it in a test', async () => {
    const { origin } = await startReceiver(200)
    expect(await post(publicNetwork, origin, content)).toEqual({ failed: 'url must begin with https://' })
    expect(await post(publicNetwork, origin.replace('http:', 'https:'), content)).toEqual({
      failed: 'url must name a server on the public internet',
    })
    expect(await post(to(origin), origin, content)).toEqual({ status: 200 })
  })

  test('post ends with a receiver that never answers, within its time limit', async () => {
    const { origin } = await startReceiver((request) => void request.socket)
    const started = Date.now()
    expect(await post({ ...to(origin), timeoutMs: 200 }, origin, content)).toEqual({ failed: 'no answer within 0.2 s' })
    expect(Date.now() - started).toBeLessThan(2_000)
  })

  test('post ends with a name server that never answers, within its time limit', async () => {
    const network: Network = { ...here, timeoutMs: 100, resolve: () => new Promise(() => {}) }
    expect(await post(network, 'https://hooks.customer.example/', content)).toEqual({
      failed: 'no answer within 0.1 s',
    })
  })

  test('post reads no body: one that never ends, or is huge, costs nothing', async () => {
    let written = 0
    const { origin } = await startReceiver((_, response) => {
      response.writeHead(200)
      const timer = setInterval(() => (written += response.write('x'.repeat(65_536)) ? 1 : 1), 1)
      response.on('close', () => clearInterval(timer))
    })
    expect(await post(to(origin), origin, content)).toEqual({ status: 200 })
    await new Promise((resolve) => setTimeout(resolve, 50))
    const after = written
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(written).toBe(after)
  })

  test.each([
    [
      'headers that never end',
      (write: (text: string) => void) => write(`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(100_000)}`),
    ],
    ['no HTTP', (write: (text: string) => void) => write('SSH-2.0-OpenSSH_9.6\r\n')],
    ['a status that is no number', (write: (text: string) => void) => write('HTTP/1.1 abc OK\r\n\r\n')],
  ])('post reports a receiver that answers with %s as failed', async (_, answer) => {
    const server = createServer((socket) => {
      socket.on('error', () => {})
      answer((text) => socket.write(text))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    const address = server.address()
    const origin = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
    expect(await post(to(origin), origin, content)).toEqual({
      failed: expect.stringMatching(/^the connection failed \(HPE_/),
    })
  })

  test('post says that a name has no address, does not exist, or that nobody listens', async () => {
    const url = 'https://hooks.customer.example/'
    expect(await post({ ...here, resolve: async () => [] }, url, content)).toEqual({
      failed: 'the name of the receiver has no address',
    })
    const missing = () => Promise.reject(Object.assign(new Error('getaddrinfo hooks'), { code: 'ENOTFOUND' }))
    expect(await post({ ...here, resolve: missing }, url, content)).toEqual({
      failed: 'the name of the receiver does not exist',
    })
    const { origin, close } = await startReceiver()
    close()
    expect(await post(to(origin), origin, content)).toEqual({ failed: 'the receiver refused the connection' })
  })
})
