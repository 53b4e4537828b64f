import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readTemplate } from '../../src/template/template.ts'
import { type Packaged, packageStack } from '../deployment/package-stack.ts'

let packaged: Packaged

beforeAll(async () => {
  packaged = await packageStack()
}, 90_000)

afterAll(() => packaged.remove())

const template = readTemplate({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  stage: 'test',
  account: '123456789012',
  region: 'us-east-1',
  endpoint: 'http://localhost:1',
  env: {},
})

describe('what the embedded AWS reads', () => {
  it('is what the framework packages: every resource of ours, with the same properties', () => {
    const unconditional = [...template.resources].filter(([, { Condition }]) => Condition === undefined)
    for (const [id, { Type: type, Properties: properties }] of unconditional) {
      expect.soft(packaged.template.Resources[id], id).toMatchObject({ Type: type, Properties: properties })
    }
  })

  it('names functions as the framework does, with their roles and dead-letter queues', () => {
    for (const [key, block] of template.functions) {
      const id = `${key.charAt(0).toUpperCase()}${key.slice(1)}`.replaceAll('-', 'Dash')
      const { FunctionName: name, Role: role } = packaged.template.Resources[`${id}LambdaFunction`]?.Properties ?? {}
      expect(name).toBe(block.fullName)
      expect(template.resolved(role)).toBe(template.resolved(block.role))
    }
  })

  it('makes no subscription or permission that the framework would not', () => {
    const ofType = (type: string) => Object.values(packaged.template.Resources).filter(({ Type }) => Type === type)
    const events = [...template.functions.values()].flatMap(({ events: all }) => all)
    const heard = (trigger: string) => events.filter((event) => trigger in event)
    const ours = (type: string) => [...template.resources.values()].filter(({ Type }) => Type === type).length
    // EventBridge Scheduler calls under a role: it needs no permission at the function.
    const permitted = heard('sns').length + ours('AWS::Lambda::Permission')
    expect(ofType('AWS::Lambda::Permission')).toHaveLength(permitted)
    expect(ofType('AWS::Scheduler::Schedule')).toHaveLength(heard('schedule').length)
    expect(ofType('AWS::Lambda::EventSourceMapping')).toHaveLength(heard('stream').length + heard('sqs').length)
    const made = ofType('AWS::SNS::Subscription').filter(({ Condition }) => Condition === undefined)
    expect(made).toHaveLength(heard('sns').length + ours('AWS::SNS::Subscription'))
    for (const { Properties: properties } of ofType('AWS::SQS::QueuePolicy')) {
      expect(template.resolved(properties)).toMatchObject({
        PolicyDocument: { Statement: [{ Action: 'sqs:SendMessage' }] },
      })
    }
  })
})
