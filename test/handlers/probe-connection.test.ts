import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda'
import { beforeAll, describe, expect, test } from 'vitest'
import { OURS, provenAccount, type Stack } from '../access/proof/proven-account.ts'

const open = (Condition: object) => ({
  Version: '2012-10-17',
  Statement: { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${OURS}:root` }, Action: 'sts:AssumeRole', Condition },
})

describe('probe-connection', () => {
  let stack: Stack
  let acme: Awaited<ReturnType<Stack['connect']>>
  beforeAll(async () => {
    stack = await provenAccount()
    acme = await stack.connect('acme')
  })
  const probe = async (request: object) => {
    const lambda = new LambdaClient(stack.aws.clientConfig(stack.aws.credentials.root(OURS)))
    const { Payload, FunctionError } = await lambda.send(
      new InvokeCommand({ FunctionName: 'sesame-dev-probe-connection', Payload: JSON.stringify(request) }),
    )
    return { answer: JSON.parse(Payload?.transformToString() ?? 'null'), FunctionError }
  }

  test.each([
    ['requires our external id', undefined, 'refused', 'refused'],
    ['requires nothing', open({}), 'let in', 'let in'],
    ['accepts any external id', open({ Null: { 'sts:ExternalId': 'false' } }), 'refused', 'let in'],
    ['accepts a missing external id', open({ StringEqualsIfExists: { 'sts:ExternalId': 'x' } }), 'let in', 'refused'],
  ])('probe-connection reports a role that %s', async (_, trust, withoutId, randomId) => {
    stack.makeRole(acme.roleInput, trust && { AssumeRolePolicyDocument: trust })
    const { answer } = await probe({ project: 'acme', roleArn: acme.roleArn })
    expect(answer).toEqual({ withoutId, randomId })
  })

  test('probe-connection returns and logs its two results and no credentials', async () => {
    stack.makeRole(acme.roleInput, { AssumeRolePolicyDocument: open({}) })
    const { answer } = await probe({ project: 'acme', roleArn: acme.roleArn })
    expect(Object.keys(answer)).toEqual(['withoutId', 'randomId'])
    await stack.aws.settled()
    const [line = ''] = stack.aws.lambda.logLines('sesame-dev-probe-connection').slice(-1)
    expect(JSON.parse(line)).toEqual({ project: 'acme', withoutId: 'let in', randomId: 'let in' })
  })

  test('probe-connection reports an error that is no answer to the question as unclear', async () => {
    const { answer } = await probe({ project: 'acme', roleArn: 'arn:aws:iam::none' })
    expect(answer.withoutId).toMatch(/^unclear: /)
  })

  test('probe-connection rejects a request with a missing or an unknown field', async () => {
    expect(await probe({ project: 'acme' })).toMatchObject({ FunctionError: 'Unhandled' })
    expect(await probe({ project: 'acme', roleArn: acme.roleArn, externalId: 'x' })).toMatchObject({
      FunctionError: 'Unhandled',
    })
  })
})
