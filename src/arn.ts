/**
 * Amazon Resource Names: `arn:partition:service:region:account:resource`.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
 */
import type { Context } from 'aws-lambda'

export type Arn = {
  readonly partition: string
  readonly service: string
  readonly region: string
  readonly account: string
  /** Everything after the account: it may contain colons. */
  readonly resource: string
}

/** The parts of an ARN. A part that the text does not have is an empty string, as the region of an IAM role is. */
export function arnOf(text: string): Arn {
  const [, partition = '', service = '', region = '', account = '', ...resource] = text.split(':')
  return { partition, service, region, account, resource: resource.join(':') }
}

/** Where Sesame itself runs. */
export type Deployment = { readonly partition: string; readonly region: string; readonly account: string }

/**
 * The deployment that a running function belongs to, by the function's own ARN.
 * @throws Error if Lambda passed no such ARN
 */
export function readDeployment({ invokedFunctionArn }: Pick<Context, 'invokedFunctionArn'>): Deployment {
  const { partition, region, account } = arnOf(invokedFunctionArn)
  if (!partition || !region || !account) throw new Error('Malformed invokedFunctionArn')
  return { partition, region, account }
}
