/** Step: the ARN is that of a role which this project may have us enter. */

import type { Deployment } from '../../../arn.ts'
import type { Connection } from '../../../projects/connection.ts'
import type { Connections } from '../../../projects/connections.ts'
import { checkRoleArn, RoleArnError } from '../../../projects/role-arn.ts'
import { failing, type ProofStep, passing } from '../step.ts'

const name = { step: 'the role ARN is well-formed, of the account, and of this project alone', layer: 'arn' } as const

/** @param connection as it is, or as it would be with the role */
export async function arnStep(
  { project, account, roleArn }: Connection,
  { partition, account: ourAccount }: Deployment,
  connections: Pick<Connections, 'refuseForeign'>,
): Promise<ProofStep> {
  if (roleArn === undefined) {
    return failing(
      name,
      'the customer has not returned a role ARN yet',
      `sesame attach ${project} arn:${partition}:iam::${account}:role/sesame/…`,
    )
  }
  try {
    await connections.refuseForeign(project, checkRoleArn(roleArn, { account, ourAccount, partition }))
    return passing(name, roleArn)
  } catch (error) {
    if (error instanceof RoleArnError) return failing(name, error.message)
    throw error
  }
}
