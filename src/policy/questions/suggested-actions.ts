/** Actions that exist, so that an example shows one of them where any action of its class would do. */
import { actionsOf, commandNames } from '../actions.ts'

export const suggestedActions: readonly string[] = [
  ...new Set(commandNames.flatMap((command) => actionsOf(command))),
  'cloudformation:UpdateStack',
  'iam:CreateUser',
  'kms:Decrypt',
  'lambda:UpdateFunctionCode',
  'secretsmanager:GetSecretValue',
]
