/** The route that gives credentials. serverless.yml names the same method and path. */
import * as v from 'valibot'
import type { Route } from '../route.ts'

const SessionRequest = v.strictObject({
  from: v.pipe(
    v.string(),
    v.regex(/^[^@\s<>]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$/, 'must be a plain address'),
    v.maxLength(320, 'must have 320 characters at most'),
    v.description('The session may send as the domain of this address, written as it is here'),
  ),
  minutes: v.optional(
    v.pipe(
      v.number(),
      v.integer('must be a whole number'),
      v.minValue(15, 'must be 15 at least'),
      v.maxValue(60, 'must be 60 at most'),
      v.description('60 if absent'),
    ),
  ),
})

const SessionAnswer = v.strictObject({
  accessKeyId: v.string(),
  secretAccessKey: v.string(),
  sessionToken: v.string(),
  expiration: v.pipe(v.string(), v.isoTimestamp()),
  account: v.pipe(v.string(), v.description('The account of the project')),
  region: v.pipe(v.string(), v.description('The region of its SES')),
  configurationSet: v.pipe(v.string(), v.description('The mail must name it: the session may send with no other')),
})

export const sessionRoute = {
  method: 'POST',
  path: '/projects/{project}/sessions',
  operationId: 'openSession',
  summary: 'Get credentials to send without the API',
  description:
    'A session in the account of the project, limited to one domain of the sender and the configuration set of the project. Only for projects that allow it. The guard is then advisory: check recipients yourself, and the list in the account, which Sesame keeps in step, refuses the others.',
  input: SessionRequest,
  answer: SessionAnswer,
  idempotencyKey: 'ignored',
  maxBytes: 16_384,
} satisfies Route
