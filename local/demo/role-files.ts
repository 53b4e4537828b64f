/**
 * Checks the files of iam/ that serverless.yml does not include: the templates that are deployed on their own.
 *
 * Deploying the stack reads the other files. Without this check, a broken template would be noticed by whoever deploys it.
 */
import { readFileSync } from 'node:fs'
import { customerAccessText } from '../../src/access/role/customer-access.ts'
import { RoleFileError } from '../../src/template/role-file.ts'
import { readRoleFiles } from '../../src/template/role-files.ts'
import { YamlFileError } from '../../src/template/yaml-file.ts'
import { readRole } from '../cloudformation/apply-roles.ts'
import { evaluateTemplate } from '../cloudformation/evaluate-template.ts'
import { readTemplateBody } from '../cloudformation/template-body.ts'
import { readIamPolicy } from '../roles.ts'
import { AwsError } from '../service.ts'

const root = new URL('../../iam/', import.meta.url)
const place = { account: '777788889999', region: 'us-east-1', stack: 'example', stackId: 'example' }

/** @returns one sentence for each broken file */
export function brokenRoleFiles(read: (name: string) => string = textOf): string[] {
  try {
    const templates = readRoleFiles().templates.map(({ name }) => name)
    return templates.flatMap((name) => problemIn(name, read(name)) ?? [])
  } catch (cause) {
    if (cause instanceof RoleFileError || cause instanceof YamlFileError) return [cause.message]
    throw cause
  }
}

const textOf = (name: string) => readFileSync(new URL(`${name}.yml`, root), 'utf8')

/** What is wrong with a template, by evaluating it with its defaults and with placeholders for all other parameters. */
function problemIn(name: string, text: string): string | undefined {
  if (name === 'customer-access' && text !== customerAccessText())
    return 'iam/customer-access.yml differs from what src/access/session/customer-actions.ts generates. Run npm run generate.'
  try {
    const { Parameters } = readTemplateBody(text)
    const given = Object.entries(Parameters).flatMap(([parameter, { Default }]) =>
      Default === undefined ? [[parameter, 'x']] : [],
    )
    const { resources } = evaluateTemplate(text, Object.fromEntries(given), place, { isChecked: false })
    for (const resource of resources) {
      const { AssumeRolePolicyDocument, Policies } = readRole(resource)
      readIamPolicy(AssumeRolePolicyDocument, 'trust')
      for (const { PolicyDocument } of Policies) readIamPolicy(PolicyDocument, 'identity')
    }
    return undefined
  } catch (cause) {
    if (cause instanceof AwsError) return `iam/${name}.yml: ${cause.message}`
    throw cause
  }
}
