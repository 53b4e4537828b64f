/** The routes about the suppression list. serverless.yml names the same methods and paths. */
import type { Route } from '../route.ts'
import {
  CheckAnswer,
  CheckRequest,
  ImportRequest,
  ListAnswer,
  ListQuery,
  LookupAnswer,
  LookupRequest,
  RulingAnswer,
  RulingRequest,
} from './schemas.ts'

const path = (rest: string) => `/projects/{project}/suppressions${rest}`
const megabyte = 1_048_576

export const checkRoute = {
  method: 'POST',
  path: path('/check'),
  operationId: 'checkSuppressions',
  summary: 'Ask whether addresses may be mailed',
  description:
    'The decisions of the guard for up to 1,000 addresses. The answer may lag behind the list by about a second. A paused or quarantined project is refused for every address.',
  input: CheckRequest,
  answer: CheckAnswer,
  idempotencyKey: 'ignored',
  maxBytes: megabyte,
} satisfies Route

export const listRoute = {
  method: 'GET',
  path: path(''),
  operationId: 'listSuppressions',
  summary: 'List the addresses of the suppression list',
  description:
    'Page by page, in the order of the addresses. A page can have fewer entries than its limit, and even none, although there are more: only a page without `next` is the last.',
  input: ListQuery,
  answer: ListAnswer,
  idempotencyKey: 'ignored',
  maxBytes: 0,
} satisfies Route

export const lookupRoute = {
  method: 'POST',
  path: path('/lookup'),
  operationId: 'lookUpSuppression',
  summary: 'Look up one address: verdict, evidence and rulings',
  description:
    'The address is in the body, because a URL must not contain it. An address that the list does not have is clear.',
  input: LookupRequest,
  answer: LookupAnswer,
  idempotencyKey: 'ignored',
  maxBytes: 16_384,
} satisfies Route

export const suppressRoute = {
  method: 'POST',
  path: path('/suppress'),
  operationId: 'suppressAddresses',
  summary: 'Suppress addresses',
  description: 'Records a ruling for each address: no mail is sent to it until it is reinstated.',
  input: RulingRequest,
  answer: RulingAnswer,
  idempotencyKey: 'accepted',
  maxBytes: megabyte,
} satisfies Route

export const reinstateRoute = {
  method: 'POST',
  path: path('/reinstate'),
  operationId: 'reinstateAddresses',
  summary: 'Reinstate addresses',
  description:
    'Records a ruling for each address: the evidence and rulings so far no longer count. Later evidence suppresses it again.',
  input: RulingRequest,
  answer: RulingAnswer,
  idempotencyKey: 'accepted',
  maxBytes: megabyte,
} satisfies Route

export const importRoute = {
  method: 'POST',
  path: path('/import'),
  operationId: 'importSuppressions',
  summary: 'Import suppressed addresses from another system',
  description:
    'Suppresses up to 1,000 addresses. A row that is not an address is refused, and the others are recorded. A row with `cause`, `at` or `until` is a ruling of the import, with its own date: newer reinstatements win, and importing twice changes nothing.',
  input: ImportRequest,
  answer: RulingAnswer,
  idempotencyKey: 'accepted',
  maxBytes: 2 * megabyte,
} satisfies Route
