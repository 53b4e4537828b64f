/** The routes that send. serverless.yml names the same methods and paths. */
import type { Route } from '../route.ts'
import { BatchAnswer, BatchRequest, MessageAnswer, MessageRequest } from './schemas.ts'

/** Lambda accepts events of 6 MB. */
const maxBytes = 5 * 1_048_576

export const messageRoute = {
  method: 'POST',
  path: '/projects/{project}/messages',
  operationId: 'sendMessage',
  summary: 'Send a message to the recipients that may be mailed',
  description:
    'Asks the guard about each recipient and sends the message to those that are allowed, through the account of the project. Recipients that are refused do not get it, and the answer says why. `unknown` means that SES did not answer: the mail may have been sent, and is not sent again.',
  input: MessageRequest,
  answer: MessageAnswer,
  idempotencyKey: 'required',
  maxBytes,
} satisfies Route

export const batchRoute = {
  method: 'POST',
  path: '/projects/{project}/messages/batch',
  operationId: 'sendMessages',
  summary: 'Send up to 50 messages',
  description:
    'Each message is sent on its own, and one that fails does not affect the others. The key counts for the whole batch: send messages that failed with a new key.',
  input: BatchRequest,
  answer: BatchAnswer,
  idempotencyKey: 'required',
  maxBytes,
} satisfies Route
