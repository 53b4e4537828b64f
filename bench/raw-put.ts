/**
 * The floor: one PutItem, signed and sent by hand. Nothing that talks to DynamoDB can do with less, so this is what our functions could reach at best.
 */
import { createHash, createHmac, createSecretKey, type KeyObject } from 'node:crypto'
import * as http from 'node:http'
import * as https from 'node:https'

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
const hmac = (key: KeyObject | string, text: string) => createSecretKey(createHmac('sha256', key).update(text).digest())

/** Signature Version 4 for a POST to `/` with four headers: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html */
function createSigning(host: string) {
  const {
    AWS_REGION = '',
    AWS_ACCESS_KEY_ID: id,
    AWS_SECRET_ACCESS_KEY: secret,
    AWS_SESSION_TOKEN: token = '',
  } = process.env
  let day = ''
  let key = createSecretKey(Buffer.alloc(1))
  return (target: string, body: string) => {
    const time = new Date().toISOString().replaceAll(/[-:]|\.\d+/g, '')
    const scope = `${time.slice(0, 8)}/${AWS_REGION}/dynamodb/aws4_request`
    if (day !== time.slice(0, 8)) {
      day = time.slice(0, 8)
      key = ['dynamodb', 'aws4_request'].reduce<KeyObject>(hmac, hmac(hmac(`AWS4${secret}`, day), AWS_REGION))
    }
    const signed = 'host;x-amz-date;x-amz-security-token;x-amz-target'
    const headers = `host:${host}\nx-amz-date:${time}\nx-amz-security-token:${token}\nx-amz-target:${target}\n`
    const request = `POST\n/\n\n${headers}\n${signed}\n${sha256(body)}`
    const toSign = `AWS4-HMAC-SHA256\n${time}\n${scope}\n${sha256(request)}`
    return {
      host,
      'content-type': 'application/x-amz-json-1.0',
      'content-length': Buffer.byteLength(body),
      'x-amz-date': time,
      'x-amz-security-token': token,
      'x-amz-target': target,
      authorization: `AWS4-HMAC-SHA256 Credential=${id}/${scope}, SignedHeaders=${signed}, Signature=${createHmac('sha256', key).update(toSign).digest('hex')}`,
    }
  }
}

const { protocol, hostname, port, host } = new URL(process.env.AWS_ENDPOINT_URL_DYNAMODB ?? '')
const { request, Agent } = protocol === 'https:' ? https : http
const agent = new Agent({ keepAlive: true })
const headersOf = createSigning(host)

/** Its event is an item, as the function under test writes it. */
export const handler = (Item: object): Promise<unknown> =>
  new Promise((resolve, reject) => {
    const body = JSON.stringify({ TableName: process.env.SUPPRESSIONS_TABLE, Item })
    const headers = headersOf('DynamoDB_20120810.PutItem', body)
    const sent = request({ method: 'POST', path: '/', hostname, port, agent, headers }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk) => chunks.push(chunk)).on('end', () => resolve(JSON.parse(chunks.join(''))))
    })
    sent.on('error', reject)
    sent.end(body)
  })
