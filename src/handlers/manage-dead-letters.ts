/**
 * Operators' requests → dead letters, listed, shown, deleted or replayed.
 *
 * Runs as iam/dead-letter-replay.yml. iam/operator.yml says who may invoke it. A request names letters and never holds an event.
 */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { LambdaClient } from '@aws-sdk/client-lambda'
import { SQSClient } from '@aws-sdk/client-sqs'
import { createLetterReader } from '../dead-letters/facts.ts'
import { readQueues } from '../dead-letters/queues.ts'
import { passThrough } from '../dead-letters/receive.ts'
import { createReplay } from '../dead-letters/replay.ts'
import { createLambdaHandler } from '../lambda/lambda-handler.ts'
import { type LambdaHandler, type Runtime, readSetting } from '../lambda/runtime.ts'
import { dropDeadLetters, listDeadLetters, replayDeadLetters, showDeadLetter } from '../operations/dead-letters.ts'
import type { Answer } from '../operations/operation.ts'
import { createRoutes } from '../projects/routes.ts'
import { createAnswering } from './answering.ts'

export function manageDeadLetters(runtime: Runtime): LambdaHandler<Answer> {
  const { client, now, log } = runtime
  const sqs = new SQSClient(client)
  const stage = readSetting(runtime, 'STAGE')
  const routes = createRoutes(new DynamoDBClient(client), readSetting(runtime, 'PROJECTS_TABLE'), now)
  const deps = {
    queues: readQueues(stage, readSetting(runtime, 'DEAD_LETTER_QUEUES')),
    passThrough: passThrough.bind(undefined, sqs),
    factsOf: createLetterReader(routes),
    now,
  }
  return createAnswering(runtime, {
    list: listDeadLetters(deps),
    show: showDeadLetter(deps),
    drop: dropDeadLetters(deps, (line) => log(JSON.stringify(line))),
    replay: replayDeadLetters(deps, createReplay(new LambdaClient(client), stage)),
  })
}

export const handler = createLambdaHandler(manageDeadLetters)
