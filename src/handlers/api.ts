/** What the functions of the HTTP API have in common: the data of a project, the log, and the answers. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { STSClient } from '@aws-sdk/client-sts'
import { createProjectData, type DataAccess } from '../access/session/project-data.ts'
import { createApi } from '../api/answer-requests.ts'
import type { Idempotency } from '../api/idempotency.ts'
import type { HttpAnswer } from '../api/problem.ts'
import type { Endpoint } from '../api/route.ts'
import { failureOf } from '../lambda/failure.ts'
import { type LambdaHandler, type Runtime, readSetting } from '../lambda/runtime.ts'

/** Project → a client that reaches the data of this project only. */
export const createDataOf = (runtime: Runtime, access: DataAccess) =>
  createProjectData(
    new STSClient(runtime.client),
    { roleArn: readSetting(runtime, 'PROJECT_DATA_ROLE'), access },
    (credentials) => new DynamoDBClient({ ...runtime.client, credentials, cacheMiddleware: true }),
    runtime.now,
  )

export const tablesOf = (runtime: Runtime) => ({
  suppressions: readSetting(runtime, 'SUPPRESSIONS_TABLE'),
  projects: readSetting(runtime, 'PROJECTS_TABLE'),
})

export function createAnsweringApi(
  { log, now }: Runtime,
  endpoints: readonly Endpoint[],
  idempotency?: Idempotency,
): LambdaHandler<HttpAnswer> {
  const write = (facts: object) => log(JSON.stringify(facts))
  return createApi({ endpoints, now, log: write, failureOf, ...(idempotency && { idempotency }) })
}
