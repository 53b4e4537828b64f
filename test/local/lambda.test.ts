import { describe, expect, test } from 'vitest'
import type { HandlerFactory } from '../../local/lambda/function.ts'
import type { Runtime } from '../../src/lambda/runtime.ts'
import {
  bodies,
  CUSTOMER,
  functionArn,
  makeFunction,
  makeQueue,
  makeRole,
  mayLog,
  maySend,
  OWN,
  queueArn,
  queueUrl,
  type SmallAws,
  smallAws,
} from './small-aws.ts'

const own = { account: OWN }

async function invoke(aws: SmallAws, name: string, event: unknown, InvocationType = 'RequestResponse') {
  const answer = await aws.call(own, 'lambda', 'Invoke', {
    FunctionName: name,
    InvocationType,
    Payload: Buffer.from(JSON.stringify(event)),
  })
  await aws.settled()
  const payload = answer.Payload instanceof Uint8Array ? JSON.parse(Buffer.from(answer.Payload).toString()) : undefined
  return { ...answer, payload }
}

/** A call as the handler's SDK client makes it, over the simplified wire of these tests. */
function send({ client }: Runtime, queue: string, MessageBody: string) {
  const handler = client.requestHandler as { handle(request: object): Promise<{ response: { statusCode: number } }> }
  const input = { QueueUrl: queueUrl(queue), MessageBody }
  return handler.handle({ body: JSON.stringify({ service: 'sqs', operation: 'SendMessage', input }) })
}

class WrongPhaseError extends Error {
  override readonly name = 'WrongPhaseError'
}
const failing = () => async () => {
  throw new WrongPhaseError('the moon is in the wrong phase')
}

describe('invoking a function', () => {
  test('Invoke returns the result of the handler, with one cold start', async () => {
    const aws = smallAws()
    let starts = 0
    makeFunction(aws, 'add', () => {
      starts++
      return async (event) => ({ got: event })
    })
    expect(await invoke(aws, 'add', { a: 1 })).toMatchObject({ StatusCode: 200, payload: { got: { a: 1 } } })
    expect(await invoke(aws, functionArn('add'), { a: 2 })).not.toHaveProperty('FunctionError')
    expect(starts).toBe(1)
    expect(aws.lambda.attempts.map(({ coldStart }) => coldStart)).toEqual([true, false])
  })

  test('Invoke returns the error of the handler with type, message and trace, and does not retry', async () => {
    const aws = smallAws()
    makeFunction(aws, 'fail', failing)
    expect(await invoke(aws, 'fail', {})).toMatchObject({
      StatusCode: 200,
      FunctionError: 'Unhandled',
      payload: {
        errorType: 'WrongPhaseError',
        errorMessage: 'the moon is in the wrong phase',
        trace: expect.arrayContaining([expect.stringContaining('WrongPhaseError')]),
      },
    })
    expect(aws.lambda.attempts).toHaveLength(1)
  })

  test('a handler receives its environment, the clock and a session of its own role', async () => {
    const aws = smallAws()
    await makeQueue(aws, 'letters')
    const roleArn = makeRole(aws, 'writer', maySend('letters'), mayLog('write'))
    makeFunction(
      aws,
      'write',
      (runtime) => async () => {
        await send(runtime, 'letters', `${runtime.env.GREETING} ${runtime.now().toISOString()}`)
        runtime.log('written')
      },
      { roleArn, environment: { GREETING: 'hello' } },
    )
    await invoke(aws, 'write', {})
    expect(bodies(aws, 'letters')).toEqual(['hello 2026-03-04T05:06:07.000Z'])
    expect(aws.lambda.logLines('write')).toEqual(['written'])
    expect(aws.gate.record.filter(({ action }) => action === 'sqs:SendMessage')).toMatchObject([
      { role: 'writer', resource: queueArn('letters'), verdict: 'allowed' },
    ])
  })

  test('a handler is refused what its role does not grant', async () => {
    const aws = smallAws()
    await makeQueue(aws, 'letters')
    makeFunction(aws, 'write', (runtime) => async () => (await send(runtime, 'letters', 'x')).response.statusCode)
    expect(await invoke(aws, 'write', {})).toMatchObject({ payload: 403 })
    expect(bodies(aws, 'letters')).toEqual([])
  })

  test('a function starts a new session before the old one expires', async () => {
    const aws = smallAws()
    makeFunction(aws, 'tick', () => async () => undefined)
    await invoke(aws, 'tick', {})
    aws.clock.advance(54 * 60_000)
    await invoke(aws, 'tick', {})
    aws.clock.advance(2 * 60_000)
    await invoke(aws, 'tick', {})
    expect(aws.lambda.attempts.map(({ coldStart }) => coldStart)).toEqual([true, false, true])
  })

  test('Invoke is refused to another account and to a service that the function does not allow', async () => {
    const aws = smallAws()
    makeFunction(aws, 'add', () => async () => undefined)
    const FunctionName = functionArn('add')
    await expect(aws.call({ account: CUSTOMER }, 'lambda', 'Invoke', { FunctionName })).rejects.toMatchObject({
      code: 'AccessDeniedException',
    })
    await expect(
      aws.platform.callAsService('events.amazonaws.com', {}, 'lambda', 'Invoke', { FunctionName }),
    ).rejects.toMatchObject({ code: 'AccessDeniedException' })
    expect(aws.lambda.attempts).toEqual([])
  })

  test('Invoke refuses an unknown function, an event that is not JSON and an event that is too large', async () => {
    const aws = smallAws()
    makeFunction(aws, 'add', () => async () => undefined)
    await expect(invoke(aws, 'add:7', {})).rejects.toMatchObject({ code: 'ResourceNotFoundException' })
    await expect(invoke(aws, 'none', {})).rejects.toMatchObject({ code: 'ResourceNotFoundException' })
    const raw = (Payload: Uint8Array, InvocationType = 'Event') =>
      aws.call(own, 'lambda', 'Invoke', { FunctionName: 'add', InvocationType, Payload })
    await expect(raw(Buffer.from('{'))).rejects.toMatchObject({ code: 'InvalidRequestContentException' })
    await expect(raw(Buffer.alloc(1_048_577, '1'))).rejects.toMatchObject({ code: 'RequestTooLargeException' })
  })
})

describe('an asynchronous invocation', () => {
  test('an asynchronous invocation is tried three times and then described to the on-failure destination', async () => {
    const aws = smallAws()
    const onFailureArn = await makeQueue(aws, 'dead')
    const roleArn = makeRole(aws, 'failing', maySend('dead'))
    makeFunction(aws, 'fail', failing, { onFailureArn, roleArn })
    const before = aws.clock.now()
    expect(await invoke(aws, 'fail', { a: 1 }, 'Event')).toMatchObject({ StatusCode: 202 })
    expect(aws.lambda.attempts.map(({ number }) => number)).toEqual([1, 2, 3])
    expect(aws.clock.now()).toEqual(before)
    expect(bodies(aws, 'dead')).toEqual([
      {
        version: '1.0',
        timestamp: '2026-03-04T05:06:07.000Z',
        requestContext: {
          requestId: aws.lambda.attempts[0]?.requestId,
          functionArn: `${functionArn('fail')}:$LATEST`,
          condition: 'RetriesExhausted',
          approximateInvokeCount: 3,
        },
        requestPayload: { a: 1 },
        responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
        responsePayload: {
          errorType: 'WrongPhaseError',
          errorMessage: 'the moon is in the wrong phase',
          trace: expect.any(Array),
        },
      },
    ])
  })

  test('a replaced function keeps its policy', async () => {
    const aws = smallAws()
    const definition = makeFunction(aws, 'add', failing)
    aws.lambda.register(definition, { make: () => async () => 'well' })
    const FunctionName = definition.arn
    const input = { FunctionName, InvocationType: 'Event' }
    await aws.platform.callAsService('sns.amazonaws.com', {}, 'lambda', 'Invoke', input)
    await aws.settled()
    expect(aws.lambda.attempts).toMatchObject([{ finished: { payload: 'well' } }])
  })

  test('an asynchronous invocation ends with the first successful attempt', async () => {
    const aws = smallAws()
    const onFailureArn = await makeQueue(aws, 'dead')
    let tries = 0
    makeFunction(aws, 'fail', () => async () => (++tries < 3 ? failing()() : 'well'), { onFailureArn })
    await invoke(aws, 'fail', {}, 'Event')
    expect(tries).toBe(3)
    expect(bodies(aws, 'dead')).toEqual([])
  })

  test('an asynchronous invocation sends the event with its error to a DeadLetterConfig queue', async () => {
    const aws = smallAws()
    const deadLetterArn = await makeQueue(aws, 'dead')
    const roleArn = makeRole(aws, 'failing', maySend('dead'))
    makeFunction(aws, 'fail', failing, { deadLetterArn, roleArn, maximumRetryAttempts: 0 })
    await invoke(aws, 'fail', { a: 1 }, 'Event')
    expect(bodies(aws, 'dead')).toEqual([{ a: 1 }])
    expect(aws.sqs.queues.get(deadLetterArn)?.messages[0]?.attributes).toEqual({
      RequestID: { DataType: 'String', StringValue: expect.any(String) },
      ErrorCode: { DataType: 'Number', StringValue: '200' },
      ErrorMessage: { DataType: 'String', StringValue: 'the moon is in the wrong phase' },
    })
  })

  test('a failure record is recorded as undelivered when the role may not send to the destination', async () => {
    const aws = smallAws()
    const onFailureArn = await makeQueue(aws, 'dead')
    makeFunction(aws, 'fail', failing, { onFailureArn })
    await invoke(aws, 'fail', {}, 'Event')
    expect(bodies(aws, 'dead')).toEqual([])
    expect(aws.lambda.undelivered).toMatchObject([
      { functionName: 'fail', targetArn: onFailureArn, code: 'AccessDenied' },
    ])
  })
})

describe('a sandbox', () => {
  const logging: HandlerFactory =
    ({ log }) =>
    async () =>
      log('hello')

  async function writing() {
    const aws = smallAws()
    await makeQueue(aws, 'letters')
    const roleArn = makeRole(aws, 'writer', maySend('letters'))
    makeFunction(
      aws,
      'write',
      (runtime) => async () => {
        for (const body of ['a', 'b', 'c']) await send(runtime, 'letters', body)
      },
      { roleArn },
    )
    return aws
  }

  test.each([0, 1, 2, 3])(
    'a sandbox that crashes after %i calls is replaced, and the event is retried',
    async (calls) => {
      const aws = await writing()
      aws.lambda.crash('write', calls)
      await invoke(aws, 'write', {}, 'Event')
      expect(bodies(aws, 'letters')).toEqual([...['a', 'b', 'c'].slice(0, calls), 'a', 'b', 'c'])
      expect(aws.lambda.attempts).toMatchObject([
        { finished: { failure: { errorType: 'Runtime.ExitError' } }, coldStart: true },
        { finished: { payload: null }, coldStart: true },
      ])
    },
  )

  test('a sandbox is stopped when the function exceeds its timeout', async () => {
    const aws = smallAws()
    makeFunction(aws, 'sleep', () => () => new Promise(() => {}), { timeoutSeconds: 0.05 })
    expect(await invoke(aws, 'sleep', {})).toMatchObject({
      payload: { errorType: 'Sandbox.Timedout', errorMessage: expect.stringContaining('timed out after 0.05 seconds') },
    })
  })

  test('a sandbox handles one event at a time, and a function runs as many sandboxes as its concurrency allows', async () => {
    const most = async (concurrency: number) => {
      const aws = smallAws()
      let inside = 0
      let peak = 0
      const make = () => async () => {
        peak = Math.max(peak, ++inside)
        await new Promise((resolve) => setImmediate(resolve))
        inside--
      }
      makeFunction(aws, 'count', make, { concurrency })
      for (let turn = 0; turn < 6; turn++) {
        await aws.call(own, 'lambda', 'Invoke', { FunctionName: 'count', InvocationType: 'Event' })
      }
      await aws.settled()
      expect(aws.lambda.attempts).toHaveLength(6)
      return peak
    }
    expect(await most(1)).toBe(1)
    expect(await most(3)).toBe(3)
  })

  test('a sandbox records the log lines that its role may not write, with the refusal', async () => {
    const aws = smallAws()
    const roleArn = makeRole(aws, 'mute')
    makeFunction(aws, 'talk', logging, { roleArn })
    await invoke(aws, 'talk', {})
    expect(aws.lambda.logLines('talk')).toEqual([])
    expect(aws.lambda.functions.get('talk')?.lostLines).toMatchObject([
      { line: 'hello', refusal: expect.stringContaining('logs:CreateLogStream') },
    ])
  })

  test('a sandbox authorises its log calls once per cold start', async () => {
    const aws = smallAws()
    makeFunction(aws, 'talk', logging)
    for (let turn = 0; turn < 3; turn++) await invoke(aws, 'talk', {})
    expect(aws.lambda.logLines('talk')).toEqual(['hello', 'hello', 'hello'])
    expect(aws.gate.record.map(({ action }) => action).filter((action) => action.startsWith('logs:'))).toEqual([
      'logs:CreateLogStream',
      'logs:PutLogEvents',
    ])
  })

  test('an invocation fails when the handler cannot be created', async () => {
    const aws = smallAws()
    makeFunction(aws, 'broken', () => {
      throw new Error('no table configured')
    })
    expect(await invoke(aws, 'broken', {})).toMatchObject({
      FunctionError: 'Unhandled',
      payload: { errorMessage: 'no table configured' },
    })
  })
})
