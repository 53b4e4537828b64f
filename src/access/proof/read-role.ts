/**
 * Reads the customer's role as IAM has it: its trust policy, its inline policies, and the names of its attached policies.
 *
 * The calls are signed and sent without the IAM client, which is larger than all other clients of the function together. IAM is global and
 * answers XML; the documents in it are encoded as in a URL, so no entity has to be decoded.
 * https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRole.html
 */
import { STSClient, type STSClientConfig } from '@aws-sdk/client-sts'
import * as v from 'valibot'
import { type NamedPolicy, type PolicyDocument, parsePolicy } from '../../policy/document.ts'
import type { UsableConnection } from '../../projects/connection.ts'
import { partitionOf, sessionStatementsOf } from '../session/session-policy.ts'
import type { SessionCredentials, Sessions } from '../session/sessions.ts'

/** The role's policies, as the customer has them. */
export type RoleAsItIs = {
  readonly trust: PolicyDocument
  readonly inline: readonly NamedPolicy[]
  /** ARNs of the managed policies that are attached to it. */
  readonly attached: readonly string[]
  /** ARN of its permissions boundary. */
  readonly boundary?: string
}

export type RoleReaderDependencies = {
  readonly sessions: Pick<Sessions, 'use'>
  readonly client: Pick<STSClientConfig, 'region' | 'endpoint' | 'requestHandler'>
}

const commands = ['iam:GetRole', 'iam:GetRolePolicy', 'iam:ListAttachedRolePolicies', 'iam:ListRolePolicies']
const maxPages = 10

/** IAM's answer has another form than documented. */
export class UnreadableRoleError extends Error {
  override readonly name = 'UnreadableRoleError'
  readonly retryable = false

  constructor(what: string) {
    super(`IAM's answer has no readable ${what}`)
  }
}

/** @throws ConnectionError if the account denies or does not answer; UnreadableRoleError; PolicyError if a document is malformed */
export async function readRole(
  connection: UsableConnection,
  { sessions, client }: RoleReaderDependencies,
): Promise<RoleAsItIs> {
  const purpose = { name: 'prove', seconds: 900, allow: sessionStatementsOf(connection, commands) } as const
  return sessions.use(connection, purpose, async (credentials) => {
    const call = createIamCall(connection, { ...client, credentials })
    const role = await call('GetRole', {})
    const names = await namesFrom(call, 'ListRolePolicies', 'member')
    const inline: NamedPolicy[] = []
    for (const name of names) {
      const answer = await call('GetRolePolicy', { PolicyName: name })
      inline.push({ name, document: documentIn(answer, 'PolicyDocument', 'identity') })
    }
    const [, boundary] = /<PermissionsBoundaryArn>([^<]+)</.exec(role) ?? []
    return {
      trust: documentIn(role, 'AssumeRolePolicyDocument', 'trust'),
      inline,
      attached: await namesFrom(call, 'ListAttachedRolePolicies', 'PolicyArn'),
      ...(boundary !== undefined && { boundary }),
    }
  })
}

type IamCall = (action: string, parameters: Readonly<Record<string, string>>) => Promise<string>

/** All values of an element, through all pages. */
async function namesFrom(call: IamCall, action: string, element: string): Promise<string[]> {
  const names: string[] = []
  let marker: string | undefined
  for (let pages = 0; pages < maxPages; pages++) {
    const answer = await call(action, marker === undefined ? {} : { Marker: marker })
    if (!answer.includes(`<${action}Response`)) throw new UnreadableRoleError('list of policies')
    for (const [, name = ''] of answer.matchAll(new RegExp(`<${element}>([^<]+)</${element}>`, 'g'))) names.push(name)
    if (!answer.includes('<IsTruncated>true<')) return names
    marker = /<Marker>([^<]+)</.exec(answer)?.[1]
  }
  throw new UnreadableRoleError('end of its list of policies')
}

function documentIn(answer: string, element: string, kind: 'identity' | 'trust'): PolicyDocument {
  const [, text] = new RegExp(`<${element}>([^<]+)</${element}>`).exec(answer) ?? []
  if (text === undefined) throw new UnreadableRoleError(element)
  return parsePolicy(v.parse(v.pipe(v.string(), v.parseJson()), decodeURIComponent(text)), kind)
}

/** IAM has one endpoint in each partition, whose region signs. */
const endpoints: Readonly<Record<string, { readonly host: string; readonly region: string }>> = {
  aws: { host: 'iam.amazonaws.com', region: 'us-east-1' },
  'aws-cn': { host: 'iam.cn-north-1.amazonaws.com.cn', region: 'cn-north-1' },
  'aws-us-gov': { host: 'iam.us-gov.amazonaws.com', region: 'us-gov-west-1' },
}

function createIamCall(
  { roleArn, region }: UsableConnection,
  options: RoleReaderDependencies['client'] & { readonly credentials: SessionCredentials },
): IamCall {
  // A client of its own, because its signer continues to sign for the service that it signed for first.
  const { config } = new STSClient({ region, ...options })
  const { host, region: signingRegion } = endpoints[partitionOf(region)] ?? { host: '', region }
  const given = typeof options.endpoint === 'string' ? options.endpoint : undefined
  const url = new URL(given ?? `https://${host}`)
  return async (Action, parameters) => {
    const RoleName = roleArn.split('/').at(-1) ?? ''
    const body = new URLSearchParams({ Action, Version: '2010-05-08', RoleName, ...parameters }).toString()
    const signer = await config.signer({ name: 'sigv4', signingName: 'iam', signingRegion, properties: {} })
    const request = await signer.sign({
      method: 'POST',
      protocol: url.protocol,
      hostname: url.hostname,
      ...(url.port && { port: Number(url.port) }),
      path: '/',
      query: {},
      headers: {
        host: url.host,
        'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
        'content-length': String(Buffer.byteLength(body)),
      },
      body,
    })
    const { response } = await config.requestHandler.handle(request)
    const text = await textOf(response.body)
    if (response.statusCode !== 200) throw answerOf(response.statusCode, text)
    return text
  }
}

/** An error as an SDK client makes it from an answer, by which a session is renewed and the answer explained. */
function answerOf(status: number, text: string): Error {
  const [, name = 'UnknownError'] = /<Code>([\w.]{1,80})<\/Code>/.exec(text) ?? []
  const [, message = ''] = /<Message>([^<]*)<\/Message>/.exec(text) ?? []
  const [, requestId] = /<RequestId>([\w-]{1,80})<\/RequestId>/.exec(text) ?? []
  const $fault = status >= 500 ? 'server' : 'client'
  return Object.assign(new Error(message), { name, $fault, $metadata: { ...(requestId && { requestId }) } })
}

/** The body is a stream on Lambda, and bytes in the embedded AWS. */
async function textOf(body: AsyncIterable<Uint8Array> | Uint8Array): Promise<string> {
  if (body instanceof Uint8Array) return Buffer.from(body).toString()
  return Buffer.concat(await Array.fromAsync(body)).toString()
}
