import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb'
import { GetSuppressedDestinationCommand, ListSuppressedDestinationsCommand, SESv2Client } from '@aws-sdk/client-sesv2'
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { beforeAll, describe, expect, test } from 'vitest'
import { type Aws, startAws } from '../../local/aws.ts'
import { createManualClock } from '../../local/clock.ts'
import type { AwsCredentials, RequestHandler, SdkRequest } from '../../local/service.ts'
import { assume, failure } from './sign-in.ts'
import { smallTemplate, writerArn } from './small-template.ts'

let aws: Aws
let root: AwsCredentials

beforeAll(async () => {
  aws = await startAws({ template: smallTemplate })
  root = aws.credentials.root(aws.account)
})

/** A request handler that changes each request after signing. */
function tampering(change: (request: SdkRequest) => Partial<SdkRequest>): RequestHandler {
  const { requestHandler } = aws.clientConfig(root)
  return { ...requestHandler, handle: (request) => requestHandler.handle({ ...request, ...change(request) }) }
}

const tables = (config: object) =>
  new DynamoDBClient({ ...aws.clientConfig(root), maxAttempts: 1, ...config }).send(new ListTablesCommand({}))
const identity = (config: object) =>
  new STSClient({ ...aws.clientConfig(root), maxAttempts: 1, ...config }).send(new GetCallerIdentityCommand({}))
const suppressed = (config: object) =>
  new SESv2Client({ ...aws.clientConfig(root), maxAttempts: 1, ...config }).send(
    new ListSuppressedDestinationsCommand({}),
  )

describe('a signature', () => {
  test('a valid signature is accepted', async () => {
    expect((await identity({})).Account).toBe(aws.account)
  })

  test('a valid signature is accepted over a path that is encoded twice and a query with repeated names', async () => {
    const ses = new SESv2Client({ ...aws.clientConfig(root), maxAttempts: 1 })
    const encoded = new GetSuppressedDestinationCommand({ EmailAddress: "o'neill+a%b*c@example.com" })
    expect((await failure(ses.send(encoded))).name).toBe('NotFoundException')
    const twice = new ListSuppressedDestinationsCommand({ Reasons: ['COMPLAINT', 'BOUNCE'], PageSize: 5 })
    await expect(ses.send(twice)).resolves.toMatchObject({ SuppressedDestinationSummaries: [] })
  })

  test('a signature of another body is refused with the error of each protocol', async () => {
    const requestHandler = tampering(() => ({ body: '{} ' }))
    expect(await failure(tables({ requestHandler }))).toMatchObject({ name: 'InvalidSignatureException', status: 400 })
    expect(await failure(identity({ requestHandler }))).toMatchObject({ name: 'SignatureDoesNotMatch', status: 403 })
    expect(await failure(suppressed({ requestHandler }))).toMatchObject({
      name: 'InvalidSignatureException',
      status: 403,
    })
  })

  test('a signature of another path, query, header or method is refused', async () => {
    const changes: ((request: SdkRequest) => Partial<SdkRequest>)[] = [
      ({ path }) => ({ path: `${path}/x` }),
      () => ({ query: { PageSize: '1' } }),
      ({ headers }) => ({ headers: { ...headers, 'x-amz-more': 'unsigned' } }),
      ({ headers }) => ({ headers: { ...headers, host: 'elsewhere.example' } }),
      () => ({ method: 'DELETE' }),
    ]
    for (const change of changes) {
      const refusal = await failure(suppressed({ requestHandler: tampering(change) }))
      expect(refusal.name).toBe('InvalidSignatureException')
    }
  })

  test('a signature with a wrong secret or an unknown key is refused', async () => {
    const wrong = { ...root, secretAccessKey: 'wrong' }
    expect((await failure(identity({ credentials: wrong }))).name).toBe('SignatureDoesNotMatch')
    const unknown = { ...root, accessKeyId: 'AKIAUNKNOWNUNKNOWN00' }
    expect(await failure(identity({ credentials: unknown }))).toMatchObject({
      name: 'InvalidClientTokenId',
      status: 403,
    })
    expect(await failure(tables({ credentials: unknown }))).toMatchObject({
      name: 'UnrecognizedClientException',
      status: 400,
    })
  })

  test('a request without a signature is refused', async () => {
    const requestHandler = tampering(({ headers: { authorization: _, ...headers } }) => ({ headers }))
    expect((await failure(identity({ requestHandler }))).name).toBe('MissingAuthenticationToken')
    expect((await failure(tables({ requestHandler }))).name).toBe('MissingAuthenticationTokenException')
  })

  test('a signature more than 15 minutes from the current time is refused', async () => {
    const minutes = (count: number) => tables({ systemClockOffset: count * 60_000 })
    await expect(minutes(-14)).resolves.toBeDefined()
    await expect(minutes(14)).resolves.toBeDefined()
    expect((await failure(minutes(-16))).message).toContain('Signature expired')
    expect((await failure(minutes(16))).message).toContain('Signature not yet current')
  })
})

describe('a session', () => {
  test('a session is accepted only with its own token and refused with another', async () => {
    const session = await assume(aws, root, { RoleArn: writerArn })
    const other = await assume(aws, root, { RoleArn: writerArn })
    expect((await identity({ credentials: session })).Arn).toBe('arn:aws:sts::123456789012:assumed-role/writer/test')
    const mixed = { ...session, sessionToken: other.sessionToken }
    expect((await failure(identity({ credentials: mixed }))).name).toBe('InvalidClientTokenId')
    const { sessionToken: _, ...bare } = session
    expect((await failure(identity({ credentials: bare }))).name).toBe('InvalidClientTokenId')
  })

  test('a session is refused after its expiry with the error of each protocol', async () => {
    const own = createManualClock(new Date('2026-03-04T05:06:07Z'))
    const short = await startAws({ template: smallTemplate, clock: own })
    const session = await assume(short, short.credentials.root(short.account), {
      RoleArn: writerArn,
      DurationSeconds: 900,
    })
    // Without the expiration, the SDK does not refuse to use expired credentials.
    const { expiration: _, ...credentials } = session
    own.advance(899_000)
    const config = () => ({ ...short.clientConfig(credentials), maxAttempts: 1 })
    await expect(new STSClient(config()).send(new GetCallerIdentityCommand({}))).resolves.toBeDefined()
    own.advance(1_000)
    const sts = await failure(new STSClient(config()).send(new GetCallerIdentityCommand({})))
    expect(sts).toMatchObject({ name: 'ExpiredToken', status: 403 })
    const dynamodb = await failure(new DynamoDBClient(config()).send(new ListTablesCommand({})))
    expect(dynamodb).toMatchObject({ name: 'ExpiredTokenException', status: 400 })
    const ses = await failure(new SESv2Client(config()).send(new ListSuppressedDestinationsCommand({})))
    expect(ses).toMatchObject({ name: 'ExpiredTokenException', status: 403 })
  })
})
