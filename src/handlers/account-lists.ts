/** Customers' account lists, each reached through sessions: shared by propagate-suppression and reconcile-suppressions. */
import { SESv2Client } from '@aws-sdk/client-sesv2'
import { STSClient } from '@aws-sdk/client-sts'
import { createSessions } from '../access/session/sessions.ts'
import type { Runtime } from '../lambda/runtime.ts'
import { createAccountLists } from '../propagation/account-list.ts'

/** The SES clients do not retry: a throttled call waits in the retry queue or for its token bucket instead. */
export const createCustomerAccountLists = ({ client, now }: Runtime) =>
  createAccountLists(
    createSessions(new STSClient(client), now),
    (region, credentials) => new SESv2Client({ ...client, region, credentials, maxAttempts: 1, cacheMiddleware: true }),
  )
