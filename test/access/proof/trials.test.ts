import {
  BadRequestException,
  type ListEmailIdentitiesCommandOutput,
  NotFoundException,
  SESv2Client,
} from '@aws-sdk/client-sesv2'
import { describe, expect, test } from 'vitest'
import { type TrialCall, trialsOf } from '../../../src/access/proof/trials.ts'
import { features } from '../../../src/projects/connection.ts'
import { CUSTOMER, connectionOf, OURS } from '../visited-account.ts'

const connection = {
  ...connectionOf('acme'),
  features: [...features],
  topics: 'ours',
  state: 'proven',
  revision: 'r-1',
} as const
const trials = trialsOf(connection, { partition: 'aws', region: 'us-east-1', account: OURS })
const names = Object.keys(trials)
const facts = { message: 'answered', $metadata: {} }

/** Each call is answered with this error, except the list of identities, which names one. */
const answering =
  (error: Error): TrialCall =>
  (command, run) => {
    const ses = new SESv2Client({ region: 'us-east-1' })
    const identities: Partial<ListEmailIdentitiesCommandOutput> = { EmailIdentities: [{ IdentityName: 'a.example' }] }
    const isListing = command === 'ses:ListEmailIdentities'
    Object.assign(ses, { send: async () => (isListing ? identities : Promise.reject(error)) })
    return run(ses)
  }

describe(`the ${names.length} trials of permissions in account ${CUSTOMER}`, () => {
  const rejected = answering(new BadRequestException(facts))
  const missing = answering(new NotFoundException(facts))

  test.each(names.filter((name) => name !== 'ses:ListEmailIdentities'))(
    'a call of %s that SES rejects as malformed does not show that the permission is granted',
    async (name) => {
      expect(await trials[name]?.(rejected)).toMatch(/does not show whether|in its sandbox/)
    },
  )

  test.each(names.filter((name) => name !== 'ses:PutSuppressedDestination'))(
    'a call of %s about something that does not exist shows that the permission is granted',
    async (name) => {
      expect(await trials[name]?.(missing)).toBeUndefined()
    },
  )
})
