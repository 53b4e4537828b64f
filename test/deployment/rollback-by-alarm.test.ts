import { createRequire } from 'node:module'
import { afterEach, expect, test } from 'vitest'
import { type Packaged, packageStack } from './package-stack.ts'

type HttpRequest = { readonly headers: Readonly<Record<string, string>>; readonly body: string | Uint8Array }
type Asked = { readonly AlarmNames: readonly string[] }

const plugin: new (
  serverless: object,
  options: object,
  tools: object,
) => { hooks: Record<string, () => Promise<void>> } = createRequire(import.meta.url)(
  '../../infra/rollback-by-alarm.cjs',
)

/** A deployment up to the update of the stack, against an account with these alarms. */
async function deploy(state: (name: string) => string | undefined) {
  const requests: { target: string | undefined; names: readonly string[] }[] = []
  const provider: Record<string, unknown> = {}
  const said: string[] = []
  const answerTo = ({ headers, body }: HttpRequest) => {
    const { AlarmNames }: Asked = JSON.parse(Buffer.from(body).toString())
    requests.push({ target: headers['x-amz-target'], names: AlarmNames })
    const MetricAlarms = AlarmNames.flatMap((AlarmName) => {
      const StateValue = state(AlarmName)
      return StateValue === undefined ? [] : [{ AlarmName, AlarmArn: `arn:${AlarmName}`, StateValue }]
    })
    const content = { 'content-type': 'application/x-amz-json-1.0' }
    return { statusCode: 200, headers: content, body: Buffer.from(JSON.stringify({ MetricAlarms })) }
  }
  const serverless = {
    classes: { Error: class extends Error {} },
    service: { provider },
    getProvider: () => ({
      getStage: () => 'production',
      getAwsSdkV3Config: async () => ({
        region: 'us-east-1',
        credentials: { accessKeyId: 'none', secretAccessKey: 'none' },
        requestHandler: { handle: async (request: HttpRequest) => ({ response: answerTo(request) }) },
      }),
    }),
  }
  const log = { warning: (text: string) => said.push(text), notice: (text: string) => said.push(text) }
  await new plugin(serverless, {}, { log }).hooks['before:aws:deploy:deploy:updateStack']?.()
  return { requests, said, rollback: Object(provider.rollbackConfiguration) }
}

afterEach(() => void delete process.env.SESAME_ROLLBACK_MINUTES)

test('a deployment is rolled back by the alarms of the stack, at most five, and each is an alarm of the template', async () => {
  const { requests, rollback, said } = await deploy(() => 'OK')
  expect(requests.map(({ target }) => target)).toEqual(['GraniteServiceVersion20100801.DescribeAlarms'])
  expect(rollback.MonitoringTimeInMinutes).toBe(5)
  expect(rollback.RollbackTriggers).toHaveLength(5)
  expect(rollback.RollbackTriggers[0]).toEqual({
    Arn: 'arn:sesame-production-record-bounce-errors',
    Type: 'AWS::CloudWatch::Alarm',
  })
  expect(said).toEqual(['CloudFormation rolls back if one of 5 alarms is raised within 5 minutes.'])
  const packaged: Packaged = await packageStack()
  const existing = Object.values(packaged.template.Resources).map(({ Properties }) => Properties.AlarmName)
  for (const name of requests[0]?.names ?? []) expect(existing).toContain(name.replace('-production-', '-test-'))
}, 90_000)

test('the first deployment names no alarm, because none exists yet', async () => {
  expect(await deploy(() => undefined)).toMatchObject({ rollback: {}, said: [] })
})

test('an alarm that is raised already does not stop the deployment that repairs its cause', async () => {
  const { rollback, said } = await deploy((name) => (name.endsWith('api-errors') ? 'ALARM' : 'INSUFFICIENT_DATA'))
  expect(rollback.RollbackTriggers).toHaveLength(4)
  expect(JSON.stringify(rollback)).not.toContain('api-errors')
  expect(said[0]).toBe('sesame-production-api-errors is raised already, so it does not roll this deployment back.')
})

test('the time is a setting, and 0 turns the rollback off', async () => {
  process.env.SESAME_ROLLBACK_MINUTES = '30'
  expect((await deploy(() => 'OK')).rollback.MonitoringTimeInMinutes).toBe(30)
  process.env.SESAME_ROLLBACK_MINUTES = '0'
  expect(await deploy(() => 'OK')).toMatchObject({ requests: [], rollback: {} })
})

test.each(['181', '-1', 'ten', '1.5'])('a time of %s minutes is refused before anything is changed', async (text) => {
  process.env.SESAME_ROLLBACK_MINUTES = text
  await expect(deploy(() => 'OK')).rejects.toThrow(
    `SESAME_ROLLBACK_MINUTES must be a number from 0 to 180, not "${text}"`,
  )
})
