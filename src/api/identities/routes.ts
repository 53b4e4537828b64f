/** The routes about identities. An identity can be an address, so it is never in a path. serverless.yml names the same methods and paths. */
import type { Route } from '../route.ts'
import { PageQuery } from '../templates/schemas.ts'
import { IdentityAnswer, IdentityRequest, ListIdentitiesAnswer, MailFromRequest } from './schemas.ts'

const path = (rest: string) => `/projects/{project}/identities${rest}`
const maxBytes = 16_384

export const listIdentitiesRoute = {
  method: 'GET',
  path: path(''),
  operationId: 'listIdentities',
  summary: 'List the identities from which the project may send',
  description:
    'The addresses and domains of the account, verified or not. If the project has `senders`, only those that belong to them.',
  input: PageQuery,
  answer: ListIdentitiesAnswer,
  idempotencyKey: 'ignored',
  maxBytes: 0,
} satisfies Route

export const lookUpIdentityRoute = {
  method: 'POST',
  path: path('/lookup'),
  operationId: 'lookUpIdentity',
  summary: 'Look up one identity: verification, DKIM, MAIL FROM and DNS records',
  description: 'The identity is in the body, because it can be an address, and a URL must not contain one.',
  input: IdentityRequest,
  answer: IdentityAnswer,
  idempotencyKey: 'ignored',
  maxBytes,
} satisfies Route

export const putIdentityRoute = {
  method: 'PUT',
  path: path(''),
  operationId: 'putIdentity',
  summary: 'Add an identity and start its verification',
  description:
    'An identity that exists stays as it is. The answer has the DNS records to publish. To an address, SES sends a mail with a link. If the project has `senders`, the identity must be one of them.',
  input: IdentityRequest,
  answer: IdentityAnswer,
  idempotencyKey: 'accepted',
  maxBytes,
} satisfies Route

export const putMailFromRoute = {
  method: 'PUT',
  path: path('/mail-from'),
  operationId: 'putMailFrom',
  summary: 'Set the MAIL FROM domain of an identity',
  description:
    'With a MAIL FROM domain of its own, mail of the identity passes SPF for DMARC. The answer has the DNS records to publish.',
  input: MailFromRequest,
  answer: IdentityAnswer,
  idempotencyKey: 'accepted',
  maxBytes,
} satisfies Route
