/**
 * List prices of us-east-1 in USD, without free tiers, discounts and taxes, read in November 2026. Sources: the pricing pages of the services.
 */
const perMillion = (usd: number) => usd / 1_000_000

export const prices = {
  /** https://aws.amazon.com/sns/pricing: a publish. Deliveries to Lambda and SQS cost nothing. */
  snsPublish: perMillion(0.5),
  /** https://aws.amazon.com/sqs/pricing: a request of a standard queue. */
  sqsRequest: perMillion(0.4),
  /** https://aws.amazon.com/lambda/pricing: a request, and a second of a gigabyte on arm64. */
  lambdaRequest: perMillion(0.2),
  lambdaGbSecond: 0.0000133334,
  /** https://aws.amazon.com/dynamodb/pricing/on-demand: a unit. */
  writeUnit: perMillion(0.625),
  readUnit: perMillion(0.125),
  /** https://aws.amazon.com/eventbridge/pricing: a custom event. Events of AWS services cost nothing. */
  customEvent: perMillion(1),
  /** https://aws.amazon.com/cloudwatch/pricing: a gigabyte of logs that is taken in. */
  logGb: 0.5,
  /** https://aws.amazon.com/api-gateway/pricing: a request of an HTTP API. */
  apiRequest: perMillion(1),
} as const
