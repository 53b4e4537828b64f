/** Where a function runs, from its own ARN: `arn:aws:lambda:us-east-1:123456789012:function:…` */
import type { Context } from 'aws-lambda'
import type { OwnPlace } from '../connection/operation.ts'

export function placeOf({ invokedFunctionArn }: Pick<Context, 'invokedFunctionArn'>): OwnPlace {
  const [, partition, , region, account] = invokedFunctionArn.split(':')
  if (!partition || !region || !account) throw new Error('The function does not know its own ARN')
  return { partition, region, account }
}
