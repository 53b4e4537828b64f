import { beforeAll, expect, test } from 'vitest'
import type { Aws } from '../../local/aws.ts'
import { failure } from '../local/sign-in.ts'
import { customer, customersRole, enter, externalId, ours, watchedAws } from './watched.ts'

let aws: Aws
beforeAll(async () => {
  aws = await watchedAws()
  const session = { RoleSessionName: 'acme.suppress' }
  await enter(aws, 'suppression-propagation', 'propagate-suppression', { ...session, ExternalId: externalId })
  await failure(enter(aws, 'suppression-propagation', 'propagate-suppression', { ...session, ExternalId: 'wrong' }))
})
const about = (role: string) =>
  aws.cloudtrail.records.filter((record) => JSON.stringify(record.resources).includes(role))
const [allowed, refused] = [0, 2]

test('CloudTrail records a call across accounts in both, with one shared id', () => {
  const records = about(customersRole)
  expect(records.map(({ recipientAccountId }) => recipientAccountId)).toEqual([ours, customer, ours, customer])
  for (const at of [allowed, refused]) {
    const [caller, owner] = [records[at], records[at + 1]]
    expect(caller?.sharedEventID).toEqual(expect.any(String))
    expect(owner?.sharedEventID).toBe(caller?.sharedEventID)
    expect(owner?.eventID).not.toBe(caller?.eventID)
  }
  expect(new Set(records.map(({ sharedEventID }) => sharedEventID)).size).toBe(2)
})

test("CloudTrail's record in the account of the role names only the account and the unique id of the caller", () => {
  const [caller, owner] = about(customersRole)
  expect(caller?.userIdentity).toMatchObject({
    type: 'AssumedRole',
    accountId: ours,
    sessionContext: { sessionIssuer: { userName: 'sesame-dev-us-east-1-suppression-propagation' } },
  })
  expect(owner?.userIdentity).toEqual({
    type: 'AWSAccount',
    principalId: expect.stringMatching(/^AROA\w+:sesame-dev-propagate-suppression$/),
    accountId: ours,
  })
})

test('CloudTrail records request and response of a call, but of a refused call only the error', () => {
  const records = about(customersRole)
  expect(records[allowed]).toMatchObject({
    eventSource: 'sts.amazonaws.com',
    eventName: 'AssumeRole',
    eventTime: '2026-03-04T05:06:07Z',
    requestParameters: { roleArn: customersRole, roleSessionName: 'acme.suppress', externalId },
    responseElements: { credentials: { accessKeyId: expect.stringMatching(/^ASIA/) } },
  })
  expect(records[allowed]).not.toHaveProperty('responseElements.credentials.secretAccessKey')
  expect(records[refused]).toMatchObject({
    errorCode: 'AccessDenied',
    errorMessage: expect.stringContaining(`on resource: ${customersRole}`),
    requestParameters: null,
    responseElements: null,
  })
})
