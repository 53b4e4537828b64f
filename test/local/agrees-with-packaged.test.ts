import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, test } from 'vitest'
import { readTemplate } from '../../src/template/template.ts'
import { type Packaged, packageStack } from '../deployment/package-stack.ts'

let packaged: Packaged

beforeAll(async () => {
  packaged = await packageStack()
}, 90_000)

const template = readTemplate({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  stage: 'test',
  account: '123456789012',
  region: 'us-east-1',
  endpoint: 'http://localhost:1',
  env: {},
})

describe('the template as the embedded AWS reads it', () => {
  test('the embedded AWS reads every resource with the properties that the framework packages', () => {
    const unconditional = [...template.resources].filter(([, { Condition }]) => Condition === undefined)
    for (const [id, { Type: type, Properties: properties }] of unconditional) {
      expect.soft(packaged.template.Resources[id], id).toMatchObject({ Type: type, Properties: properties })
    }
  })

  test('the embedded AWS names functions and their roles as the framework does', () => {
    for (const [key, block] of template.functions) {
      const id = `${key.charAt(0).toUpperCase()}${key.slice(1)}`.replaceAll('-', 'Dash')
      const { FunctionName: name, Role: role } = packaged.template.Resources[`${id}LambdaFunction`]?.Properties ?? {}
      expect(name).toBe(block.fullName)
      expect(template.resolve(role)).toBe(template.resolve(block.role))
    }
  })

  test('the embedded AWS creates the same subscriptions and permissions as the framework', () => {
    const ofType = (type: string) => Object.values(packaged.template.Resources).filter(({ Type }) => Type === type)
    const events = [...template.functions.values()].flatMap(({ events: all }) => all)
    const eventsOf = (trigger: string) => events.filter((event) => trigger in event)
    const ours = (type: string) => [...template.resources.values()].filter(({ Type }) => Type === type).length
    const withRoutes = [...template.functions.values()].filter(({ events: all }) => all.some((one) => 'httpApi' in one))
    // EventBridge Scheduler invokes with a role: it needs no permission on the function.
    const permitted = eventsOf('sns').length + withRoutes.length + ours('AWS::Lambda::Permission')
    expect(ofType('AWS::Lambda::Permission')).toHaveLength(permitted)
    expect(ofType('AWS::Scheduler::Schedule')).toHaveLength(eventsOf('schedule').length)
    expect(ofType('AWS::Lambda::EventSourceMapping')).toHaveLength(eventsOf('stream').length + eventsOf('sqs').length)
    const subscriptions = ofType('AWS::SNS::Subscription').filter(({ Condition }) => Condition === undefined)
    expect(subscriptions).toHaveLength(eventsOf('sns').length + ours('AWS::SNS::Subscription'))
    for (const { Properties: properties } of ofType('AWS::SQS::QueuePolicy')) {
      expect(template.resolve(properties)).toMatchObject({
        PolicyDocument: { Statement: expect.arrayContaining([expect.objectContaining({ Action: 'sqs:SendMessage' })]) },
      })
    }
  })
})
