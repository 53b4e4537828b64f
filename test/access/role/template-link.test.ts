import { readFile } from 'node:fs/promises'
import { S3Client } from '@aws-sdk/client-s3'
import { STSClient } from '@aws-sdk/client-sts'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { startAws } from '../../../local/aws.ts'
import { createManualClock } from '../../../local/clock.ts'
import { customerAccessText } from '../../../src/access/role/customer-access.ts'
import { createOnboarding } from '../../../src/access/role/onboarding.ts'
import { signedLinkOf } from '../../../src/access/role/signed-link.ts'
import { storeTemplate, TemplateNotStoredError } from '../../../src/access/role/template-link.ts'
import { connectionOf, OURS } from '../visited-account.ts'

const infra = parse(await readFile(new URL('../../../infra/access-bucket.yml', import.meta.url), 'utf8'))
const bucket = 'sesame-dev-accessbucket'

async function start(actions = ['s3:GetObject', 's3:PutObject']) {
  const clock = createManualClock(new Date())
  const aws = await startAws({ template: { service: 'sesame', resources: infra }, clock })
  const document = (statement: object) => ({ Version: '2012-10-17', Statement: { Effect: 'Allow', ...statement } })
  const Resource = `arn:aws:s3:::${bucket}/customer-access/*`
  const role = aws.roles.create(OURS, {
    RoleName: 'manager',
    AssumeRolePolicyDocument: document({ Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }),
    Policies: [{ PolicyName: 'manager', PolicyDocument: document({ Action: actions, Resource }) }],
  })
  const session = await aws.assumeAsService('lambda.amazonaws.com', role.arn, 'function')
  const config = aws.clientConfig(session)
  const store = { bucket, client: new STSClient(config), endpoint: config.endpoint }
  const fetched = async (url: string) => {
    const { host, pathname, searchParams } = new URL(url)
    const query = Object.fromEntries(searchParams)
    const { status, body } = await aws.handle({
      method: 'GET',
      path: pathname,
      query,
      headers: { host },
      body: new Uint8Array(),
    })
    return { status, text: Buffer.from(body).toString() }
  }
  return { aws, clock, store, session, fetched }
}

describe('the link to the template', () => {
  test('the link returns the checked-in template, for one hour', async () => {
    const { clock, store, fetched } = await start()
    const { url, expires } = await storeTemplate(store, clock.now)
    expect(await fetched(url)).toEqual({ status: 200, text: customerAccessText() })
    expect(expires.getTime() - clock.now().getTime()).toBe(3_600_000)
    clock.advance(3_600_001)
    expect(await fetched(url)).toMatchObject({ status: 403 })
  })

  test('the link expires with the credentials that signed it, if they expire first', async () => {
    const { clock, store, session } = await start()
    clock.advance(10 * 60_000)
    expect((await storeTemplate(store, clock.now)).expires).toEqual(session.expiration)
  })

  test('storing the template again keeps the same object', async () => {
    const { aws, clock, store } = await start()
    const { pathname } = new URL((await storeTemplate(store, clock.now)).url)
    expect(new URL((await storeTemplate(store, clock.now)).url).pathname).toBe(pathname)
    expect([...(aws.s3.buckets.get(bucket)?.objects.keys() ?? [])]).toEqual([pathname.slice(bucket.length + 2)])
  })

  test('no link is made if the template cannot be stored, and a link is useless without the permission to read', async () => {
    const { store, clock } = await start(['s3:GetObject'])
    const refused = storeTemplate(store, clock.now)
    await expect(refused).rejects.toBeInstanceOf(TemplateNotStoredError)
    await expect(refused).rejects.toMatchObject({ status: 403, retryable: false })
    const blind = await start(['s3:PutObject'])
    expect(await blind.fetched((await storeTemplate(blind.store, clock.now)).url)).toMatchObject({ status: 403 })
  })

  test('the quick-create link and the command contain the link', async () => {
    const { store, clock } = await start()
    const { link, command, expires } = await createOnboarding(
      store,
      clock.now,
      'dev',
    )(connectionOf('acme'), { account: OURS, region: 'us-east-1' })
    const template = new URLSearchParams(link.split('?').at(-1)).get('templateURL') ?? ''
    expect(new URL(template).searchParams.get('X-Amz-Expires')).toBe('3600')
    expect(command).toContain(template)
    expect(expires.getTime()).toBeGreaterThan(clock.now().getTime())
  })

  test('on AWS itself the host of the link contains the bucket', async () => {
    const config = { region: 'cn-north-1', credentials: { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'secret' } }
    const asked: string[] = []
    const requestHandler = {
      handle: async ({ hostname, path }: { hostname: string; path: string }) => {
        asked.push(hostname + path)
        return { response: { statusCode: 200, headers: {} } }
      },
    }
    const client = new STSClient({
      ...config,
      requestHandler: Object.assign(new S3Client(config).config.requestHandler, requestHandler),
    })
    const { url } = await storeTemplate({ bucket: 'templates', client }, () => new Date(0))
    expect(new URL(url).host).toBe('templates.s3.cn-north-1.amazonaws.com.cn')
    expect(asked).toEqual([new URL(url).host + new URL(url).pathname])
  })
})

test('signedLinkOf signs the example of AWS’s documentation', () => {
  // https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
  const link = signedLinkOf(
    {
      method: 'GET',
      object: new URL('https://examplebucket.s3.amazonaws.com/test.txt'),
      region: 'us-east-1',
      seconds: 86_400,
      at: new Date('2013-05-24T00:00:00.000Z'),
    },
    { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' },
  )
  expect(new URL(link).searchParams.get('X-Amz-Signature')).toBe(
    'aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404',
  )
})
