/** The role files of iam/, and their policies with every intrinsic resolved to a value of the right format. */

import { type PolicyDocument, parsePolicy } from '../../src/policy/document.ts'
import { resolve } from '../../src/template/resolve.ts'
import type { RoleFile } from '../../src/template/role-file.ts'
import { readRoleFiles } from '../../src/template/role-files.ts'
import { referencesIn } from '../deployment/references.ts'

export const account = '123456789012'
const pseudo = { 'AWS::AccountId': account, 'AWS::Partition': 'aws', 'AWS::Region': 'us-east-1' }

export const { roles: roleFiles, templates } = readRoleFiles()

/** Resolves every reference to an ARN that contains the logical id. */
export function withArns(value: unknown, parameters: Record<string, unknown> = {}): unknown {
  const known = { ...pseudo, ...parameters }
  const ids = referencesIn(value).filter((id) => !(id in known))
  const arn = (id: string) => `arn:aws:any:us-east-1:${account}:${id}`
  return resolve(value, {
    parameters: known,
    resources: Object.fromEntries(ids.map((id) => [id, { Ref: arn(id), Arn: arn(id) }])),
  })
}

/** The documents of all policies of the role. */
export const grantsOf = ({ properties }: RoleFile): PolicyDocument[] =>
  properties.Policies.map(({ PolicyDocument }) =>
    parsePolicy(withArns(PolicyDocument, { 'sls:stage': 'test' }), 'identity'),
  )

export const trustOf = ({ properties }: RoleFile): PolicyDocument =>
  parsePolicy(withArns(properties.AssumeRolePolicyDocument), 'trust')
