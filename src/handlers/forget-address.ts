/**
 * An operator's request to forget a person → the address is erased in all tables and dead-letter queues.
 *
 * Runs as iam/erasure.yml, the only role that may delete from the suppression list. iam/operator.yml says who may invoke it.
 */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { SQSClient } from '@aws-sdk/client-sqs'
import { readQueues } from '../dead-letters/queues.ts'
import { passThrough } from '../dead-letters/receive.ts'
import { erasePerson } from '../erasure/erase-person.ts'
import { createLambdaHandler } from '../lambda/lambda-handler.ts'
import { type LambdaHandler, type Runtime, readSetting } from '../lambda/runtime.ts'
import { eraseAddress, erasedAddresses } from '../operations/erasure.ts'
import type { Answer } from '../operations/operation.ts'
import { createMarkKeys } from '../suppression/erasure-mark.ts'
import { createErasureMarks } from '../suppression/read-marks.ts'
import { sleep } from '../time.ts'
import { createAnswering } from './answering.ts'

export function forgetAddress(runtime: Runtime): LambdaHandler<Answer> {
  const { client, now, log } = runtime
  const dynamodb = new DynamoDBClient(client)
  const keyOf = createMarkKeys(readSetting(runtime, 'LOG_KEY'))
  const tables = {
    suppressions: readSetting(runtime, 'SUPPRESSIONS_TABLE'),
    projects: readSetting(runtime, 'PROJECTS_TABLE'),
    activity: readSetting(runtime, 'ACTIVITY_TABLE'),
    sends: readSetting(runtime, 'SENDS_TABLE'),
  }
  const deps = {
    dynamodb,
    tables,
    activityDays: Number(readSetting(runtime, 'ACTIVITY_DAYS')),
    keyOf,
    passThrough: passThrough.bind(undefined, new SQSClient(client)),
    queues: readQueues(readSetting(runtime, 'STAGE'), readSetting(runtime, 'DEAD_LETTER_QUEUES')),
    now,
    wait: runtime.sleep ?? sleep,
  }
  return createAnswering(runtime, {
    erase: eraseAddress(erasePerson.bind(undefined, deps), now, (line) => log(JSON.stringify(line))),
    erased: erasedAddresses(createErasureMarks(dynamodb, tables.suppressions, keyOf)),
  })
}

export const handler = createLambdaHandler(forgetAddress)
