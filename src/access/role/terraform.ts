/**
 * The customer's role as Terraform, with the same documents that the CloudFormation template resolves to.
 * It uses the resources aws_iam_role and aws_iam_role_policy of the AWS provider.
 */
import type { PolicyDocument } from '../../policy/document.ts'
import { customerRoleOf, type RoleInput } from './customer-role.ts'

/** @param sesameAccount the account that Sesame runs in */
export function terraformOf(connection: RoleInput, sesameAccount: string): string {
  const role = customerRoleOf(connection, sesameAccount)
  const label = `sesame_${connection.project.replaceAll('-', '_')}`
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
  description = "Send this ARN back to Sesame"
  value       = aws_iam_role.${label}.arn
}`,
  ]
  return `${blocks.join('\n\n')}\n`
}

/** The document as JSON. Only the openings of Terraform's template sequences are escaped. */
function heredoc(document: PolicyDocument): string {
  const text = JSON.stringify(document, null, 2).replaceAll(/[$%](?=\{)/g, (sign) => sign + sign)
  return `<<-JSON\n${text.replaceAll(/^/gm, '    ')}\n  JSON`
}
