import { execFile, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import { builtinModules } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, test } from 'vitest'
import { type Aws, startAws } from '../../local/aws.ts'
import { type Packaged, packageStack } from './package-stack.ts'
import { allFunctions, names, subscribed } from './service.ts'
import { zipEntries } from './zip-entries.ts'

const kilobyte = 1024
const aBounce = readFileSync(new URL('../../events/bounce-permanent-general.json', import.meta.url), 'utf8')

let packaged: Packaged
let deployed: Aws
beforeAll(async () => {
  packaged = await packageStack()
  deployed = await startAws({})
}, 120_000)

/** Unpacks a function's archive into an empty folder, as Lambda does. */
function unpack(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `sesame-${name}-`))
  for (const [file, content] of zipEntries(packaged.zips.get(name) ?? Buffer.alloc(0))) {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    writeFileSync(join(folder, file), content)
  }
  return folder
}

test('packaging creates one archive per function and leaves no other files beside serverless.yml', () => {
  expect([...packaged.zips.keys()].sort()).toEqual(names(allFunctions))
  expect(readdirSync(packaged.folder)).not.toContain('.esbuild')
})

/** No event waits for these functions to start, and they call seven services, among them SES, SNS and SQS. */
const administrative = ['manage-connection', 'prove-connections']
const maxKilobytes = (name: string) => (administrative.includes(name) ? 175 : 150)

describe.each(names(allFunctions))('%s', (name) => {
  test(`the archive of ${name} contains one bundle that needs only Node, of at most ${maxKilobytes(name)} KB`, () => {
    const zip = packaged.zips.get(name) ?? Buffer.alloc(0)
    expect(zip.length).toBeLessThanOrEqual(maxKilobytes(name) * kilobyte)
    const entries = zipEntries(zip)
    expect([...entries.keys()]).toEqual([`src/handlers/${name}.js`])
    const code = String(entries.get(`src/handlers/${name}.js`))
    // An error message of the SDK contains `[require("…");]`.
    const needed = [...code.matchAll(/(?<!\[)\brequire\("([^"]+)"\)/g)].map(([, module = '']) =>
      module.replace(/^node:/, ''),
    )
    expect(needed.filter((module) => !builtinModules.includes(module))).toEqual([])
  })

  test(`the archive of ${name} exports the handler that Lambda calls, and creates it in a cold start`, () => {
    const folder = unpack(name)
    const handler = Object.values(packaged.template.Resources).find(
      ({ Properties }) => Properties.FunctionName === `sesame-test-${name}`,
    )?.Properties.Handler
    const [path, exported] = String(handler).split('.')
    const script = `process.stdout.write(typeof require('./${path}.js').${exported})`
    const env = {
      ...deployed.functions.get(name)?.environment,
      AWS_REGION: 'eu-west-1',
      AWS_LAMBDA_FUNCTION_NAME: name,
    }
    const run = spawnSync(process.execPath, ['--eval', script], { cwd: folder, encoding: 'utf8', env })
    rmSync(folder, { recursive: true })
    expect(run).toMatchObject({ stderr: '', stdout: 'function' })
  })
})

describe.each(names(subscribed))('%s', (name) => {
  test(`${name} signs its calls with the session in Lambda's environment`, async () => {
    const seen: IncomingHttpHeaders[] = []
    const dynamodb = createServer((request, response) => {
      seen.push(request.headers)
      const route = { Items: [{ facet: { S: '*' }, project: { S: 'acme' } }], Count: 1, ScannedCount: 1 }
      const answer = String(request.headers['x-amz-target']).endsWith('.Query') ? route : {}
      response.setHeader('content-type', 'application/x-amz-json-1.0').end(JSON.stringify(answer))
    })
    await new Promise<void>((listening) => dynamodb.listen(0, '127.0.0.1', listening))
    const address = dynamodb.address()
    const folder = unpack(name)
    const script = `require('./src/handlers/${name}.js').handler(${aBounce}, {})`
    const run = await promisify(execFile)(process.execPath, ['--eval', script], {
      cwd: folder,
      env: {
        AWS_ENDPOINT_URL: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`,
        AWS_REGION: 'eu-west-1',
        AWS_ACCESS_KEY_ID: 'ASIAEXAMPLE',
        AWS_SECRET_ACCESS_KEY: 'secret',
        AWS_SESSION_TOKEN: 'session',
        SUPPRESSIONS_TABLE: 'suppressions',
        PROJECTS_TABLE: 'projects',
        LOG_KEY: 'key',
      },
    }).finally(() => {
      dynamodb.close()
      rmSync(folder, { recursive: true })
    })
    expect(JSON.parse(run.stdout)).toMatchObject({ outcome: 'recorded', project: 'acme' })
    expect(seen.map((headers) => headers['x-amz-target'])).toEqual([
      'DynamoDB_20120810.Query',
      'DynamoDB_20120810.UpdateItem',
    ])
    for (const headers of seen) {
      expect(headers['x-amz-security-token']).toBe('session')
      expect(headers.authorization).toMatch(/ Credential=ASIAEXAMPLE\/\d{8}\/eu-west-1\/dynamodb\//)
    }
  })
})
