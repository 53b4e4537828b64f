/**
 * A customer's role → whether a stranger gets in: without an external id, and with a random one.
 *
 * Runs as iam/connection-probe.yml, which knows no external id. What it gets it throws away.
 */
import { STSClient } from '@aws-sdk/client-sts'
import * as v from 'valibot'
import { ProjectId } from '../connection/project.ts'
import { type Probed, probed } from '../connection/proof/strangers.ts'
import { type LambdaHandler, onLambda, type Surroundings } from './surroundings.ts'

const Request = v.strictObject({ project: ProjectId, roleArn: v.string() })

export function probeConnection({ client, log }: Surroundings): LambdaHandler<Probed> {
  const sts = new STSClient(client)

  return async (request) => {
    const { project, roleArn } = v.parse(Request, request)
    const answer = await probed(sts, project, roleArn)
    log(JSON.stringify({ project, ...answer }))
    return answer
  }
}

export const handler = onLambda(probeConnection)
