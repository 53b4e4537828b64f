/** The routes about activity. serverless.yml names the same methods and paths. */
import type { Route } from '../route.ts'
import {
  MessageId,
  RecipientAnswer,
  RecipientRequest,
  ReportAnswer,
  ReportQuery,
  TimelineAnswer,
  TimelineQuery,
} from './schemas.ts'

export const reportRoute = {
  method: 'GET',
  path: '/projects/{project}/report',
  operationId: 'getReport',
  summary: 'Get the report of a period',
  description:
    'Volumes, rates with their trend and denominators, causes with advice, failing domains, list growth, health and hold of the project. At most 400 days. Of a long suppression list, a part is read: `list.isPart` says so.',
  input: ReportQuery,
  answer: ReportAnswer,
  idempotencyKey: 'ignored',
  maxBytes: 0,
} satisfies Route

export const timelineRoute = {
  method: 'GET',
  path: '/projects/{project}/messages/{message}',
  operationId: 'getMessage',
  summary: 'Get what happened to a message',
  description: 'Its events in the order of time. The id is the one that SES returned, and says when the mail was sent.',
  parameters: { message: MessageId },
  input: TimelineQuery,
  answer: TimelineAnswer,
  idempotencyKey: 'ignored',
  maxBytes: 0,
} satisfies Route

export const recipientRoute = {
  method: 'POST',
  path: '/projects/{project}/recipients/lookup',
  operationId: 'lookUpRecipient',
  summary: 'Look up what happened to mail for a recipient',
  description: 'The address is in the body, because a URL must not contain it.',
  input: RecipientRequest,
  answer: RecipientAnswer,
  idempotencyKey: 'ignored',
  maxBytes: 16_384,
} satisfies Route
