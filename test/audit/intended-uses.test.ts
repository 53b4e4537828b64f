import { expect, test } from 'vitest'
import { functionsOf, polledRoles, probingRoles } from '../../src/audit/intended-uses.ts'
import { sessionPurposes } from '../../src/session-purposes.ts'
import { allFunctions, queued, streamed } from '../deployment/service.ts'
import { roleFiles } from '../iam/role-files.ts'

test('the intended functions of each role are exactly those that serverless.yml runs as the role', () => {
  const deployed: Record<string, string[]> = {}
  for (const { name, role } of allFunctions) {
    const { name: file = '' } = roleFiles.find(({ logicalId }) => role['Fn::Sub'] === `\${${logicalId}.Arn}`) ?? {}
    deployed[file] = [...(deployed[file] ?? []), name].sort()
  }
  expect(functionsOf).toEqual(deployed)
})

test('exactly the roles that may assume customers’ roles have intended purposes', () => {
  const entering = roleFiles
    .filter(({ properties }) => JSON.stringify(properties.Policies).includes('"sts:AssumeRole"'))
    .map(({ name }) => name)
  const roles = Object.values(sessionPurposes).flat()
  expect([...new Set([...roles, ...probingRoles])].sort()).toEqual(entering.sort())
})

test('exactly the roles of functions with an event source mapping or a destination are expected to be used by Lambda’s pollers', () => {
  const polled = allFunctions.filter((one) => one.destinations || queued.includes(one) || streamed.includes(one))
  const roles = polled.map(
    ({ role }) => roleFiles.find(({ logicalId }) => role['Fn::Sub'] === `\${${logicalId}.Arn}`)?.name,
  )
  expect([...polledRoles].sort()).toEqual([...new Set(roles)].sort())
})

test('each purpose is a valid part of a session name, and none is that of the probe', () => {
  for (const purpose of Object.keys(sessionPurposes)) expect(purpose).toMatch(/^(?!probe$)[a-z][a-z0-9-]*$/)
})
