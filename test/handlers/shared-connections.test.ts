import { SESv2Client } from '@aws-sdk/client-sesv2'
import { expect, test } from 'vitest'
import { withSharedConnections } from '../../src/handlers/shared-connections.ts'
import type { Runtime } from '../../src/lambda/runtime.ts'

/** As Lambda's runtime has it: options of a request handler, and no finished one. */
const runtime: Runtime = {
  env: {},
  client: { region: 'us-east-1', requestHandler: { connectionTimeout: 1_000 } },
  log: () => undefined,
  now: () => new Date(),
}
const handlersOf = ({ client }: Runtime) =>
  new Set(Array.from({ length: 1_000 }, () => new SESv2Client({ ...client }).config.requestHandler))

test('a thousand clients of customers’ accounts share one pool of connections', () => {
  expect(handlersOf(withSharedConnections(runtime)).size).toBe(1)
  // The control: without it, each client has its own.
  expect(handlersOf(runtime).size).toBe(1_000)
})
