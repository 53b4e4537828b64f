import { createServer } from 'node:http'
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { expect, test, vi } from 'vitest'
import { createLambdaHandler } from '../../src/lambda/lambda-handler.ts'

test('a client of a function gives up a service that does not answer, at its timeout', async () => {
  let requests = 0
  const silent = createServer(() => {
    requests += 1
  })
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
  const address = silent.address()
  vi.stubEnv('AWS_ENDPOINT_URL', `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`)
  vi.stubEnv('AWS_REGION', 'eu-west-1')
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'ASIAEXAMPLE')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret')
  const handler = createLambdaHandler(
    ({ client }) => {
      const sts = new STSClient({ ...client, maxAttempts: 2 })
      return () => sts.send(new GetCallerIdentityCommand({}))
    },
    { requestTimeoutMs: 100 },
  )
  await expect(handler({}, Object({}))).rejects.toMatchObject({ name: 'TimeoutError' })
  expect(requests).toBe(2)
  vi.unstubAllEnvs()
  silent.closeAllConnections()
  silent.close()
})
