import { expect, test } from 'vitest'
import { functionsOf, probingRoles, purposesOf } from '../../src/audit/intended-uses.ts'
import { allFunctions } from '../deployment/service.ts'
import { roleFiles } from '../iam/role-files.ts'

test('knows for each role the functions that serverless.yml runs under it, no more and no fewer', () => {
  const deployed: Record<string, string[]> = {}
  for (const { name, role } of allFunctions) {
    const { name: file = '' } = roleFiles.find(({ logicalId }) => role['Fn::Sub'] === `\${${logicalId}.Arn}`) ?? {}
    deployed[file] = [...(deployed[file] ?? []), name].sort()
  }
  expect(functionsOf).toEqual(deployed)
})

test('knows purposes of roles that may enter customers’ accounts, and of no other', () => {
  const entering = roleFiles
    .filter(({ properties }) => JSON.stringify(properties.Policies).includes('"sts:AssumeRole"'))
    .map(({ name }) => name)
  expect([...new Set([...Object.keys(purposesOf), ...probingRoles])].sort()).toEqual(entering.sort())
})
