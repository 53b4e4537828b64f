import { expect, test } from 'vitest'
import { dataRoles, functionsOf, polledRoles, probingRoles } from '../../src/audit/intended-uses.ts'
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
    .filter(({ properties }) => JSON.stringify(properties.Policies).includes(':iam::*:role/sesame/'))
    .map(({ name }) => name)
  const roles = Object.values(sessionPurposes).flat()
  expect([...new Set([...roles, ...probingRoles])].sort()).toEqual(entering.sort())
})

test('exactly the roles that the trust policy of a data role names are expected to assume it', () => {
  for (const [name, callers] of Object.entries(dataRoles)) {
    const { properties } = roleFiles.find((role) => role.name === name) ?? {}
    const trusted = JSON.stringify(properties?.AssumeRolePolicyDocument).matchAll(/-\$\{AWS::Region\}-([a-z-]+)"/g)
    expect(Array.from(trusted, ([, role]) => role).sort()).toEqual([...callers].sort())
  }
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
