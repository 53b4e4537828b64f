/** What the deployment acts with. */
import type { EventBridge } from '../eventbridge/eventbridge.ts'
import type { ExecuteApi } from '../execute-api/execute-api.ts'
import type { HandlerFactory } from '../lambda/function.ts'
import type { Lambda } from '../lambda/lambda.ts'
import type { StreamNotifier } from '../lambda/stream-source.ts'
import type { Roles } from '../roles.ts'
import type { S3 } from '../s3/s3.ts'
import type { Sqs } from '../sqs/sqs.ts'

export type DeployContext = {
  /** Runs an operation of a service with an administrator's access. */
  call(service: string, operation: string, input: object): Promise<Readonly<Record<string, unknown>>>
  roles: Roles
  lambda: Lambda
  dynamodb: StreamNotifier
  sqs: Sqs
  s3: S3
  eventbridge: EventBridge
  executeApi: ExecuteApi
  /** Functions that are not connected to their streams, queues and schedules. */
  withoutTriggers: readonly string[]
  /** Functions whose handlers are made otherwise than in their handler files. */
  factories: Readonly<Record<string, HandlerFactory>>
  account: string
}
