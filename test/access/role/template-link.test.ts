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

async function start({
  actions = ['s3:PutObject'],
  env = {},
}: {
  actions?: string[]
  env?: Record<string, string>
} = {}) {
  const clock = createManualClock(new Date())
  const aws = await startAws({ template: { service: 'sesame', resources: infra }, clock, env })
  const document = (statement: object) => ({ Version: '2012-10-17', Statement: { Effect: 'Allow', ...statement } })
  const Resource = `arn:aws:s3:::${bucket}/customer-access/*`
  const role = aws.roles.create(OURS, {
    RoleName: 'manager',
    AssumeRolePolicyDocument: document({ Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }),
    Policies: [{ PolicyName: 'manager', PolicyDocument: document({ Action: actions, Resource }) }],
  })
  const config = aws.clientConfig(await aws.assumeAsService('lambda.amazonaws.com', role.arn, 'function'))
  const store = { bucket, client: new STSClient(config), endpoint: config.endpoint }
  /** Fetches a link as anybody, without credentials. */
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
  return { aws, clock, store, config, fetched }
}

describe('the link to the template', () => {
  test('the link returns the checked-in template to anyone, also years later', async () => {
    const { clock, store, fetched } = await start()
    const url = await storeTemplate(store, clock.now)
    expect(await fetched(url)).toEqual({ status: 200, text: customerAccessText() })
    clock.advance(3 * 365 * 86_400_000)
    expect(await fetched(url)).toEqual({ status: 200, text: customerAccessText() })
  })

  test('the link is the same each time, and has no signature and no credentials', async () => {
    const { aws, clock, store } = await start()
    const url = await storeTemplate(store, clock.now)
    clock.advance(60_000)
    expect(await storeTemplate(store, clock.now)).toBe(url)
    expect(new URL(url).search).toBe('')
    expect([...(aws.s3.buckets.get(bucket)?.objects.keys() ?? [])]).toEqual([
      new URL(url).pathname.slice(bucket.length + 2),
    ])
  })

  test('the template contains no external id, no account and no credentials', () => {
    expect(customerAccessText()).not.toMatch(/\d{12}(?!\})|[0-9a-f]{32}(?!\$)|AKIA|ASIA/)
  })

  test('nobody without credentials may read anything else in the bucket, list it or write to it', async () => {
    const { aws, clock, store, fetched } = await start()
    const url = await storeTemplate(store, clock.now)
    aws.s3.buckets.get(bucket)?.objects.set('other/secret.txt', {
      body: new Uint8Array(),
      contentType: 'text/plain',
      at: clock.now(),
    })
    expect(await fetched(`http://sesame.localhost/${bucket}/other/secret.txt`)).toMatchObject({ status: 403 })
    expect(await fetched(`http://sesame.localhost/${bucket}/customer-access/none.yml`)).toMatchObject({ status: 404 })
    const { pathname, host } = new URL(url)
    for (const [method, path] of [
      ['PUT', pathname],
      ['GET', `/${bucket}`],
    ] as const) {
      const { status } = await aws.handle({ method, path, query: {}, headers: { host }, body: new Uint8Array() })
      expect(status).toBe(403)
    }
    expect(await fetched(url)).toMatchObject({ status: 200 })
  })

  test('a deployment that hosts the template elsewhere has a private bucket, and stores nothing there', async () => {
    const { aws, clock, store, fetched } = await start({ env: { SESAME_TEMPLATE_URL: 'https://example.com/t.yml' } })
    const inBucket = await storeTemplate(store, clock.now)
    expect(await fetched(inBucket)).toMatchObject({ status: 403 })
    const { objects } = aws.s3.buckets.get(bucket) ?? {}
    objects?.clear()
    expect(await storeTemplate({ ...store, url: 'https://example.com/t.yml' }, clock.now)).toBe(
      'https://example.com/t.yml',
    )
    expect(objects?.size).toBe(0)
  })

  test('no link is made if the role may not store the template', async () => {
    const { store, clock } = await start({ actions: ['s3:GetObject'] })
    const refused = storeTemplate(store, clock.now)
    await expect(refused).rejects.toBeInstanceOf(TemplateNotStoredError)
    await expect(refused).rejects.toMatchObject({ status: 403, retryable: false })
  })

  test('the quick-create link and the command contain the link', async () => {
    const { store, clock } = await start()
    const onboard = createOnboarding(store, clock.now, 'dev')
    const { link, command } = await onboard(connectionOf('acme'), { account: OURS, region: 'us-east-1' })
    const template = new URLSearchParams(link.split('?').at(-1)).get('templateURL') ?? ''
    expect(template).toBe(await storeTemplate(store, clock.now))
    expect(command).toContain(template)
  })

  test('the link names the port that is served', async () => {
    const { store, clock } = await start()
    const url = await storeTemplate({ ...store, endpoint: 'http://sesame.localhost:4711' }, clock.now)
    expect(new URL(url).host).toBe('sesame.localhost:4711')
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
    const url = await storeTemplate({ bucket: 'templates', client }, () => new Date(0))
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
