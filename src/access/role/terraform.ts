/**
 * The customer's role as Terraform: the very documents that the CloudFormation template resolves to.
 * The resources: aws_iam_role and aws_iam_role_policy of the AWS provider.
 */
import type { PolicyDocument } from '../../policy/document.ts'
import { customerRole, type RoleInput } from './customer-role.ts'

/** @param sesameAccount the account that Sesame runs in */
export function terraformOf(guest: RoleInput, sesameAccount: string): string {
  const role = customerRole(guest, sesameAccount)
  const label = `sesame_${guest.project.replaceAll('-', '_')}`
  const blocks = [
    `resource "aws_iam_role" "${label}" {
  name                 = "${role.RoleName}"
  path                 = "${role.Path}"
  description          = "${role.Description}"
  max_session_duration = ${role.MaxSessionDuration}
  assume_role_policy   = ${heredoc(role.AssumeRolePolicyDocument)}
}`,
    ...role.Policies.map(
      ({ PolicyName, PolicyDocument }) => `resource "aws_iam_role_policy" "${label}_${PolicyName}" {
  name   = "${PolicyName}"
  role   = aws_iam_role.${label}.id
  policy = ${heredoc(PolicyDocument)}
}`,
    ),
    `output "${label}_role_arn" {
  description = "Give this back to Sesame"
  value       = aws_iam_role.${label}.arn
}`,
  ]
  return `${blocks.join('\n\n')}\n`
}

/** JSON as it is; only what Terraform would take for a template of its own is escaped. */
function heredoc(document: PolicyDocument): string {
  const text = JSON.stringify(document, null, 2).replaceAll(/[$%](?=\{)/g, (sign) => sign + sign)
  return `<<-JSON\n${text.replaceAll(/^/gm, '    ')}\n  JSON`
}
