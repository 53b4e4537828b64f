import { expect, test } from 'vitest'
import { arnOf, readDeployment } from '../src/arn.ts'

test('arnOf returns the parts of an ARN, and a resource may contain colons', () => {
  expect(arnOf('arn:aws:lambda:us-east-1:123456789012:function:name:1')).toEqual({
    partition: 'aws',
    service: 'lambda',
    region: 'us-east-1',
    account: '123456789012',
    resource: 'function:name:1',
  })
  expect(arnOf('arn:aws-cn:iam::123456789012:role/sesame/a')).toMatchObject({ region: '', resource: 'role/sesame/a' })
})

test('arnOf returns empty parts for a text that is not an ARN', () => {
  expect(arnOf('none')).toEqual({ partition: '', service: '', region: '', account: '', resource: '' })
})

test('readDeployment returns where the function runs, and refuses a malformed ARN', () => {
  const invokedFunctionArn = 'arn:aws:lambda:us-east-1:123456789012:function:name'
  expect(readDeployment({ invokedFunctionArn })).toEqual({
    partition: 'aws',
    region: 'us-east-1',
    account: '123456789012',
  })
  expect(() => readDeployment({ invokedFunctionArn: 'name' })).toThrow('Malformed invokedFunctionArn')
})
