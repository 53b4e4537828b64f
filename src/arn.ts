/** Where Sesame itself runs, read from the ARN of the function that runs: `arn:aws:lambda:us-east-1:123456789012:function:…` */
import type { Context } from 'aws-lambda'

/** Where Sesame itself runs. */
export type Deployment = { readonly partition: string; readonly region: string; readonly account: string }

export function readDeployment({ invokedFunctionArn }: Pick<Context, 'invokedFunctionArn'>): Deployment {
  const [, partition, , region, account] = invokedFunctionArn.split(':')
  if (!partition || !region || !account) throw new Error('The function does not know its own ARN')
  return { partition, region, account }
}
