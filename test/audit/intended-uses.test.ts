import { expect, test } from 'vitest'
import { functionsOf, probingRoles, purposesOf } from '../../src/audit/intended-uses.ts'
import { allFunctions } from '../deployment/service.ts'
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
  expect([...new Set([...Object.keys(purposesOf), ...probingRoles])].sort()).toEqual(entering.sort())
})
