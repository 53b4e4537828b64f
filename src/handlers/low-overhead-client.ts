/** The DynamoDB client of functions that run for every SES event: shared by those that record feedback and those that propagate it. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import type { Runtime } from '../lambda/runtime.ts'

/** Its middleware is composed once per command and not once per call. */
export const createLowOverheadClient = ({ client }: Runtime) => new DynamoDBClient({ ...client, cacheMiddleware: true })
