import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb'
import { GetSuppressedDestinationCommand, ListSuppressedDestinationsCommand, SESv2Client } from '@aws-sdk/client-sesv2'
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { beforeAll, describe, expect, it } from 'vitest'
import { type Aws, startAws } from '../../local/aws.ts'
import { standingClock } from '../../local/clock.ts'
import type { AwsCredentials, RequestHandler, WireLike } from '../../local/service.ts'
import { assume, failure } from './sign-in.ts'
import { smallTemplate, writerArn } from './small-template.ts'

let aws: Aws
let root: AwsCredentials

beforeAll(async () => {
  aws = await startAws({ template: smallTemplate })
  root = aws.credentials.root(aws.account)
})

/** A request handler that changes each request after it was signed. */
function tampering(change: (request: WireLike) => Partial<WireLike>): RequestHandler {
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
  it('lets in who signed well', async () => {
    expect((await identity({})).Account).toBe(aws.account)
  })

  it('holds over a path that is encoded twice, and over a query whose names stand twice', async () => {
    const ses = new SESv2Client({ ...aws.clientConfig(root), maxAttempts: 1 })
    const odd = new GetSuppressedDestinationCommand({ EmailAddress: "o'neill+a%b*c@example.com" })
    expect((await failure(ses.send(odd))).name).toBe('NotFoundException')
    const twice = new ListSuppressedDestinationsCommand({ Reasons: ['COMPLAINT', 'BOUNCE'], PageSize: 5 })
    await expect(ses.send(twice)).resolves.toMatchObject({ SuppressedDestinationSummaries: [] })
  })

  it('of another body is refused, in the words of each protocol', async () => {
    const requestHandler = tampering(() => ({ body: '{} ' }))
    expect(await failure(tables({ requestHandler }))).toMatchObject({ name: 'InvalidSignatureException', status: 400 })
    expect(await failure(identity({ requestHandler }))).toMatchObject({ name: 'SignatureDoesNotMatch', status: 403 })
    expect(await failure(suppressed({ requestHandler }))).toMatchObject({
      name: 'InvalidSignatureException',
      status: 403,
    })
  })

  it('of another path, query or header is refused', async () => {
    const changes: ((request: WireLike) => Partial<WireLike>)[] = [
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

  it('with another secret, or of a key that nobody has, is refused', async () => {
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

  it('that is missing is refused', async () => {
    const requestHandler = tampering(({ headers: { authorization: _, ...headers } }) => ({ headers }))
    expect((await failure(identity({ requestHandler }))).name).toBe('MissingAuthenticationToken')
    expect((await failure(tables({ requestHandler }))).name).toBe('MissingAuthenticationTokenException')
  })

  it('more than 15 minutes away from the time is refused', async () => {
    const minutes = (count: number) => tables({ systemClockOffset: count * 60_000 })
    await expect(minutes(-14)).resolves.toBeDefined()
    await expect(minutes(14)).resolves.toBeDefined()
    expect((await failure(minutes(-16))).message).toContain('Signature expired')
    expect((await failure(minutes(16))).message).toContain('Signature not yet current')
  })
})

describe('a session', () => {
  it('is good with its own token only', async () => {
    const session = await assume(aws, root, { RoleArn: writerArn })
    const other = await assume(aws, root, { RoleArn: writerArn })
    expect((await identity({ credentials: session })).Arn).toBe('arn:aws:sts::123456789012:assumed-role/writer/test')
    const mixed = { ...session, sessionToken: other.sessionToken }
    expect((await failure(identity({ credentials: mixed }))).name).toBe('InvalidClientTokenId')
    const { sessionToken: _, ...bare } = session
    expect((await failure(identity({ credentials: bare }))).name).toBe('InvalidClientTokenId')
  })

  it('ends when its time is over, in the words of each protocol', async () => {
    const own = standingClock(new Date('2026-03-04T05:06:07Z'))
    const short = await startAws({ template: smallTemplate, clock: own })
    const session = await assume(short, short.credentials.root(short.account), {
      RoleArn: writerArn,
      DurationSeconds: 900,
    })
    // The SDK would refuse by itself to use what it knows to be expired.
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
