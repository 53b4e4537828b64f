/** The role of an application, from one of the templates in iam/ that customers deploy. */
import { fileURLToPath } from 'node:url'
import * as v from 'valibot'
import { resolve } from '../../src/template/resolve.ts'
import { localApiId } from '../../src/template/template.ts'
import { readYaml } from '../../src/template/yaml-file.ts'
import type { Aws } from '../aws.ts'
import type { IamRole } from '../roles.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** The templates of the applications, and the services that run them. */
export const platforms = [
  { template: 'application-on-ec2', service: 'ec2.amazonaws.com' },
  { template: 'application-on-lambda', service: 'lambda.amazonaws.com' },
] as const

export type ApplicationOwner = { readonly id: string; readonly domain: string }

const Template = v.object({
  Conditions: v.record(v.string(), v.unknown()),
  Parameters: v.record(v.string(), v.object({ Default: v.optional(v.unknown()) })),
  Resources: v.record(v.string(), v.object({ Type: v.string(), Properties: v.unknown() })),
})

/** The role in the template of an application. */
export function createApplicationRole(
  aws: Aws,
  { id, domain }: ApplicationOwner,
  { template }: (typeof platforms)[number],
): IamRole {
  const { Conditions, Parameters, Resources } = v.parse(Template, readYaml(root, `iam/${template}.yml`))
  const defaults = Object.entries(Parameters).map(([name, { Default }]) => [name, Default])
  const parameters = {
    'AWS::AccountId': aws.account,
    'AWS::Partition': 'aws',
    'AWS::Region': aws.region,
    ...Object.fromEntries(defaults),
    Stage: aws.stage,
    Project: id,
    Domain: domain,
    ConfigurationSet: `sesame-${id}`,
    FunctionName: `${id}-orders`,
    ApiId: localApiId,
    DirectSending: 'off',
  }
  const found = Object.values(Resources).find(({ Type }) => Type === 'AWS::IAM::Role')
  return aws.roles.create(
    aws.account,
    resolve(found?.Properties, { parameters, resources: {}, conditions: Conditions }),
  )
}
