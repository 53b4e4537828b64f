import { expect, test } from 'vitest'
import { readStartOptions, StartOptionError } from '../../../local/demo/options.ts'

test('npm start delivers webhooks to a receiver on this machine only if an option names its origin', () => {
  expect(readStartOptions([], {})).not.toHaveProperty('webhookReceiver')
  const options = readStartOptions(['--webhook-receiver', 'http://127.0.0.1:9000'], {})
  expect(options).toMatchObject({ webhookReceiver: 'http://127.0.0.1:9000' })
})

test.each(['127.0.0.1:9000', 'http://127.0.0.1:9000/path', 'ftp://127.0.0.1', ''])(
  'npm start refuses the receiver %j, which is no origin',
  (receiver) => {
    expect(() => readStartOptions(['--webhook-receiver', receiver], {})).toThrow(StartOptionError)
  },
)
