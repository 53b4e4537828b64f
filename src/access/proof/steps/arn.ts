/** Step: the role ARN is valid, and this project may use it. */
import type { Deployment } from '../../../arn.ts'
import type { Connection } from '../../../projects/connection.ts'
import type { Connections } from '../../../projects/connections.ts'
import { checkRoleArn, RoleArnError } from '../../../projects/role-arn.ts'
import { type FallibleCheck, failing, type ProofStep, passing } from '../step.ts'

const check: FallibleCheck = {
  step: 'the role ARN is valid, belongs to the account, and is used by this project only',
  failure: 'the role ARN cannot be used',
  layer: 'arn',
}
const missing = { ...check, failure: 'there is no role ARN' }

/** @param connection as stored, or as it would be with the role */
export async function arnStep(
  { project, account, roleArn }: Connection,
  { partition, account: ourAccount }: Deployment,
  connections: Pick<Connections, 'refuseForeign'>,
): Promise<ProofStep> {
  if (roleArn === undefined) {
    return failing(
      missing,
      'the customer has not returned a role ARN yet',
      `sesame attach ${project} arn:${partition}:iam::${account}:role/sesame/…`,
    )
  }
  try {
    await connections.refuseForeign(project, checkRoleArn(roleArn, { account, ourAccount, partition }))
    return passing(check, roleArn)
  } catch (error) {
    if (error instanceof RoleArnError) return failing(check, error.message)
    throw error
  }
}
