/** One pool of network connections for all AWS clients of a function: shared by the functions that call customers' accounts. */
import { STSClient } from '@aws-sdk/client-sts'
import type { Runtime } from '../lambda/runtime.ts'

/**
 * A function makes one SES client per session. Each would open connections of its own: a thousand sessions would take a thousand file
 * descriptors, nearly all that Lambda allows, and a TLS handshake each.
 */
export function withSharedConnections(runtime: Runtime): Runtime {
  // A client makes its request handler from the options of the runtime, and takes a finished one as it is.
  const { requestHandler } = new STSClient(runtime.client).config
  return { ...runtime, client: { ...runtime.client, requestHandler } }
}
