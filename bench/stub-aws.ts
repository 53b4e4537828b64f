/**
 * A stub of the AWS that send-email calls, on loopback. It answers at once and stores nothing, so that only the caller is measured.
 *
 * It runs as a process of its own, whose CPU time is not counted, and sends its address to its parent.
 */
import { createServer } from 'node:http'

const account = '111122223333'
const expiration = new Date(Date.now() + 3_600_000).toISOString()
const assumedRole = `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials><AccessKeyId>ASIAEXAMPLE</AccessKeyId><SecretAccessKey>secret</SecretAccessKey><SessionToken>token</SessionToken><Expiration>${expiration}</Expiration></Credentials><AssumedRoleUser><AssumedRoleId>AROA:x</AssumedRoleId><Arn>arn:aws:sts::${account}:assumed-role/sesame-acme/x</Arn></AssumedRoleUser></AssumeRoleResult></AssumeRoleResponse>`
const settings = { settings: { S: JSON.stringify({ id: 'acme', account, configurationSets: ['sesame-acme'] }) } }
const connection = {
  id: { S: 'acme' },
  account: { S: account },
  region: { S: 'us-east-1' },
  externalId: { S: '0'.repeat(32) },
  roleArn: { S: `arn:aws:iam::${account}:role/sesame/sesame-acme` },
  topics: { S: 'ours' },
  features: { SS: ['reading', 'sending'] },
  provenAt: { S: '2026-03-01T00:00:00.000Z' },
  revision: { S: 'r1' },
}

function answerTo(path: string, target: string, body: string): string {
  if (path === '/v2/email/outbound-emails') return '{"MessageId":"0100"}'
  if (path === '/v2/email/account')
    return '{"SendQuota":{"MaxSendRate":1000000,"Max24HourSend":-1},"ProductionAccessEnabled":true,"SendingEnabled":true}'
  if (target.endsWith('.Query')) {
    if (body.includes('suppressions')) return '{"Items":[],"Count":0}'
    return JSON.stringify({ Items: [body.includes('"settings"') ? settings : connection] })
  }
  if (target.endsWith('.BatchGetItem')) return '{"Responses":{"suppressions":[]},"UnprocessedKeys":{}}'
  return target === '' ? assumedRole : '{}'
}

const server = createServer({ keepAliveTimeout: 600_000 }, (request, response) => {
  const chunks: Buffer[] = []
  request
    .on('data', (chunk: Buffer) => chunks.push(chunk))
    .on('end', () => {
      const target = String(request.headers['x-amz-target'] ?? '')
      const text = answerTo(request.url ?? '/', target, Buffer.concat(chunks).toString())
      const type = text.startsWith('<') ? 'text/xml' : 'application/x-amz-json-1.0'
      response.writeHead(200, { 'content-type': type, 'content-length': Buffer.byteLength(text) })
      response.end(text)
    })
})
server.listen(0, 'localhost', () => {
  const address = server.address()
  process.send?.(typeof address === 'object' && address ? `http://localhost:${address.port}` : '')
})
process.on('disconnect', () => process.exit())
