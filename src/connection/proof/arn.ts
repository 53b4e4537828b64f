/** Step: the ARN is that of a role which this project may have us enter. */
import type { Connection } from '../connection.ts'
import type { Connections } from '../connections.ts'
import type { OwnPlace } from '../operation.ts'
import { checkRoleArn, RoleArnError } from '../role-arn.ts'
import { failing, passing, type Step } from './step.ts'

const name = { step: 'the role ARN is well-formed, of the account, and of this project alone', layer: 'arn' } as const

/** @param connection as it is, or as it would be with the role */
export async function arnStep(
  { project, account, roleArn }: Connection,
  { partition, account: ourAccount }: OwnPlace,
  connections: Pick<Connections, 'refuseForeign'>,
): Promise<Step> {
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
