/** Measures the CPU of one handler for many messages, one after another. It runs as a process of its own for sending-cpu.ts. */
import { createRequire } from 'node:module'
import type { CpuOrder } from './sending-cpu.ts'

const message = { from: 'news@acme.example', to: ['a@example.com'], subject: 'News', text: 'News.' }
/** The API accepts so many in one request. */
const batchSize = 50

const eventOf = (key: string, isBatch: boolean) => ({
  version: '2.0',
  routeKey: `POST /projects/{project}/messages${isBatch ? '/batch' : ''}`,
  headers: { 'content-type': 'application/json', 'idempotency-key': key },
  pathParameters: { project: 'acme' },
  requestContext: {
    requestId: key,
    authorizer: { iam: { userArn: 'arn:aws:sts::123456789012:assumed-role/app/x', accountId: '123456789012' } },
  },
  body: JSON.stringify(isBatch ? { messages: Array.from({ length: batchSize }, () => message) } : message),
})

process.on('message', async ({ bundle, count, way }: CpuOrder) => {
  const { handler } = createRequire(import.meta.url)(bundle)
  const perCall = way === 'batch' ? batchSize : 1
  const send = async (n: number) => {
    const answer = await handler(eventOf(`key-${n}`, way === 'batch'), { awsRequestId: 'r' })
    const sent = String(answer.body).match(/"state":"sent"/g)?.length ?? 0
    if (way !== 'direct' && sent !== perCall) throw new Error(`The function answered ${answer.body}`)
  }
  const calls = Math.ceil(count / perCall)
  for (let n = 0; n < calls; n++) await send(n)
  const before = process.cpuUsage()
  for (let n = 0; n < calls; n++) await send(calls + n)
  const { user, system } = process.cpuUsage(before)
  process.send?.((user + system) / (calls * perCall), () => process.disconnect())
})
