import { describe, expect, test } from 'vitest'
import { sendFailureOf } from '../../src/sending/ses-failure.ts'

const answer = (name: string, $fault: 'client' | 'server', message = '') =>
  Object.assign(new Error(message), { name, $fault })

describe('an answer of SES to a send', () => {
  test.each(['BadRequestException', 'ValidationException', 'SerializationException', 'UnknownOperationException'])(
    'answer %s says that the mail was not accepted',
    (code) => {
      expect(sendFailureOf(answer(code, 'client'), false)).toEqual({ accepted: 'no', rejection: 'bad-request', code })
    },
  )

  test.each([
    ['RequestTimeoutException', 'client'],
    ['IdempotentParameterMismatch', 'client'],
    ['SomethingNew', 'client'],
    ['InternalFailure', 'server'],
    ['ServiceUnavailable', 'server'],
  ] as const)('answer %s leaves it unknown whether the mail was accepted, so it is never repeated', (code, fault) => {
    expect(sendFailureOf(answer(code, fault), false)).toEqual({ accepted: 'unknown', code })
  })

  test('a session that SES does not know says nothing about the mail, which it has not looked at', () => {
    expect(sendFailureOf(answer('ExpiredTokenException', 'client'), false)).toBeUndefined()
    expect(sendFailureOf(new TypeError('fetch failed'), false)).toEqual({ accepted: 'unknown', code: 'TypeError' })
  })
})
