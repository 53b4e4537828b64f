import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { describe, expect, test } from 'vitest'
import { startAws } from '../../local/aws.ts'
import { createManualClock } from '../../local/clock.ts'

const OWN = '123456789012'
const Bucket = 'small-dev-templates'
const Key = 'folder/template-1.yml'

const writer = {
  RoleName: 'writer',
  Path: '/sesame/',
  AssumeRolePolicyDocument: {
    Version: '2012-10-17',
    Statement: { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' },
  },
  Policies: [
    {
      PolicyName: 'writer',
      PolicyDocument: {
        Version: '2012-10-17',
        Statement: {
          Effect: 'Allow',
          Action: ['s3:GetObject', 's3:PutObject'],
          Resource: `arn:aws:s3:::${Bucket}/folder/*`,
        },
      },
    },
  ],
}

async function start() {
  // A URL expires by this clock. Requests are signed with the machine's clock.
  const clock = createManualClock(new Date())
  const template = { service: 'small', resources: { Resources: { Templates: { Type: 'AWS::S3::Bucket' } } } }
  const aws = await startAws({ template, clock })
  const { arn } = aws.roles.create(OWN, writer)
  const session = await aws.assumeAsService('lambda.amazonaws.com', arn, 'function')
  const clientOf = (credentials: typeof session) =>
    new S3Client({ ...aws.clientConfig(credentials), forcePathStyle: true })
  const follow = async (link: string, method = 'GET') => {
    const { pathname, searchParams, host } = new URL(link)
    const query = Object.fromEntries(searchParams)
    const { status, body } = await aws.handle({
      method,
      path: pathname,
      query,
      headers: { host },
      body: new Uint8Array(),
    })
    return { status, text: new TextDecoder().decode(body) }
  }
  return { aws, clock, s3: clientOf(session), clientOf, arn, follow }
}
const put = (Body: string, key = Key) =>
  new PutObjectCommand({ Bucket, Key: key, Body, ContentType: 'application/yaml' })
const got = async (s3: S3Client) => {
  const { Body, ContentType } = await s3.send(new GetObjectCommand({ Bucket, Key }))
  return { text: await Buffer.from((await Body?.transformToByteArray()) ?? []).toString(), ContentType }
}

describe('an object', () => {
  test('an object is put and got by an unmodified client', async () => {
    const { aws, s3 } = await start()
    expect(await s3.send(put('first: 1\n'))).toMatchObject({ ETag: expect.stringMatching(/^"[0-9a-f]{32}"$/) })
    await s3.send(put('grüße: <&>\n'))
    expect(await got(s3)).toEqual({ text: 'grüße: <&>\n', ContentType: 'application/yaml' })
    await aws.settled()
  })

  test('a missing object is refused by name, and so is a missing bucket', async () => {
    const { s3 } = await start()
    await expect(got(s3)).rejects.toMatchObject({ name: 'NoSuchKey' })
    const elsewhere = new GetObjectCommand({ Bucket: 'others', Key })
    await expect(s3.send(elsewhere)).rejects.toMatchObject({ name: 'AccessDenied' })
  })

  test('an object is refused outside the grant of the role, and to another account', async () => {
    const { aws, s3, clientOf } = await start()
    await s3.send(put('x'))
    await expect(s3.send(put('x', 'other/template.yml'))).rejects.toMatchObject({ name: 'AccessDenied' })
    await expect(got(clientOf(aws.credentials.root('444455556666')))).rejects.toMatchObject({ name: 'AccessDenied' })
    expect((await got(clientOf(aws.credentials.root(OWN)))).text).toBe('x')
  })
})

describe('a presigned URL', () => {
  test('a presigned URL gives the object to its holder, and is refused after it expires', async () => {
    const { clock, s3, follow } = await start()
    await s3.send(put('a: 1\n'))
    const link = await getSignedUrl(s3, new GetObjectCommand({ Bucket, Key }), {
      expiresIn: 60,
      signingDate: clock.now(),
    })
    expect(await follow(link)).toEqual({ status: 200, text: 'a: 1\n' })
    clock.advance(59_000)
    expect(await follow(link)).toMatchObject({ status: 200 })
    clock.advance(2_000)
    expect(await follow(link)).toMatchObject({ status: 403, text: expect.stringContaining('Request has expired') })
  })

  test('a presigned URL is refused when it is changed, for another object, and for another method', async () => {
    const { s3, clock, follow } = await start()
    await s3.send(put('x'))
    await s3.send(put('y', 'folder/other.yml'))
    const link = await getSignedUrl(s3, new GetObjectCommand({ Bucket, Key }), {
      expiresIn: 60,
      signingDate: clock.now(),
    })
    expect(await follow(link.replace('template-1', 'other'))).toMatchObject({ status: 403 })
    expect(await follow(link.replace('Expires=60', 'Expires=6000'))).toMatchObject({ status: 403 })
    expect(await follow(link.replace(/Signature=../, 'Signature=00'))).toMatchObject({ status: 403 })
    expect(await follow(link.replace(/X-Amz-Security-Token=[^&]*&/, ''))).toMatchObject({ status: 403 })
    expect(await follow(link.replace('%2Fs3%2F', '%2Fsts%2F'))).toMatchObject({ status: expect.any(Number) })
    expect(await follow(link, 'PUT')).toMatchObject({ status: 403 })
    expect(await follow(link.split('?')[0] ?? '')).toMatchObject({ status: 403 })
  })

  test('a presigned URL is refused when its signer may no longer read the object', async () => {
    const { aws, s3, clock, follow, arn } = await start()
    await s3.send(put('x'))
    const link = await getSignedUrl(s3, new GetObjectCommand({ Bucket, Key }), {
      expiresIn: 60,
      signingDate: clock.now(),
    })
    aws.roles.delete(arn)
    expect(await follow(link)).toMatchObject({ status: 403, text: expect.stringContaining('AccessDenied') })
  })

  test('a presigned URL is fetched over the port by any HTTP client', async () => {
    const { aws, clientOf, clock } = await start()
    const { close } = await aws.listen(0)
    try {
      const s3 = clientOf(aws.credentials.root(OWN))
      await s3.send(put('over: http\n'))
      const link = await getSignedUrl(s3, new GetObjectCommand({ Bucket, Key }), { signingDate: clock.now() })
      expect(await (await fetch(link)).text()).toBe('over: http\n')
    } finally {
      await close()
    }
  })
})
