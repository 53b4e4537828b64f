/**
 * The client of the HTTP API, for applications.
 *
 *     const sesame = createSesame({ project: 'acme' })
 *     const { outcomes } = await sesame.send({ from: 'hello@acme.example', to: ['a@example.com'], subject: 'Hi', text: 'Hi' })
 *
 * Endpoint, region and credentials come from the environment, as the AWS SDK reads them.
 */
import { createActivity } from './activity.ts'
import { SesameSettingError } from './errors.ts'
import { createIdentities } from './identities.ts'
import { createMessages, type RefusalReason } from './messages.ts'
import { type Connection, sendRequest } from './request.ts'
import type { Credentials } from './sign.ts'
import { createSuppressions, readAnswer } from './suppressions.ts'
import { createTemplates } from './templates.ts'

export { SesameError, SesameSettingError, SesameUnreachableError } from './errors.ts'

export type SesameOptions = {
  readonly project: string
  /** The URL of the HTTP API: the output HttpApiUrl of the stack. Default: the environment variable SESAME_ENDPOINT, else AWS_ENDPOINT_URL. */
  readonly endpoint?: string
  /** Default: the region in the endpoint, else AWS_REGION. */
  readonly region?: string
  /** Default: the credential chain of the AWS SDK. */
  readonly credentials?: Credentials | (() => Promise<Credentials>)
  /** How long one request may take. Default: 25 s. */
  readonly timeoutMs?: number
  readonly fetch?: typeof globalThis.fetch
}

export type CheckOutcome = {
  /** As it was given. */
  readonly address: string
  readonly state: 'allowed' | 'refused'
  readonly reason?: RefusalReason
  readonly since?: string
  readonly until?: string
  /** The reason in words. */
  readonly detail?: string
}

export type Sesame = ReturnType<typeof createSesame>

/** @throws SesameSettingError if the endpoint or the region is unknown */
export function createSesame(options: SesameOptions) {
  const connection = connectionOf(options)
  return {
    /** Whether addresses may be mailed: one outcome for each, in the same order. Up to 1,000. */
    async check(addresses: readonly string[]): Promise<readonly CheckOutcome[]> {
      const call = { method: 'POST', path: '/suppressions/check', body: { addresses }, isRead: true } as const
      const { body } = await sendRequest(connection, call)
      return readAnswer<{ readonly outcomes: readonly CheckOutcome[] }>(body, 'outcomes').outcomes
    },
    ...createMessages(connection),
    suppressions: createSuppressions(connection),
    templates: createTemplates(connection),
    identities: createIdentities(connection),
    activity: createActivity(connection),
  }
}

function connectionOf({ project, timeoutMs = 25_000, ...given }: SesameOptions): Connection {
  const url = given.endpoint ?? process.env.SESAME_ENDPOINT ?? process.env.AWS_ENDPOINT_URL
  if (!url) throw new SesameSettingError('endpoint', 'set SESAME_ENDPOINT to the output HttpApiUrl of the stack')
  const endpoint = new URL(url)
  const [, named] = /\.execute-api\.([a-z0-9-]+)\./.exec(endpoint.hostname) ?? []
  const region = given.region ?? named ?? process.env.AWS_REGION ?? process.env.AWS_DEFAULT_REGION
  if (!region) throw new SesameSettingError('region', 'set AWS_REGION to the region of the stack')
  const { credentials } = given
  return {
    endpoint,
    region,
    project,
    timeoutMs,
    credentials:
      typeof credentials === 'function' ? credentials : credentials ? async () => credentials : createDefaultChain(),
    fetch: given.fetch ?? globalThis.fetch,
  }
}

/** The chain is loaded when it is first needed, so that an application with credentials of its own does not load it. */
function createDefaultChain(): () => Promise<Credentials> {
  let chain: Promise<() => Promise<Credentials>> | undefined
  return async () => {
    chain ??= import('@aws-sdk/credential-provider-node').then(({ defaultProvider }) => defaultProvider())
    return (await chain)()
  }
}
