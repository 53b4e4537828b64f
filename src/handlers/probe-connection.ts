/**
 * A customer's role → whether a stranger gets in: without an external id, and with a random one.
 *
 * Runs as iam/connection-probe.yml, which knows no external id. What it gets it throws away.
 */
import { STSClient } from '@aws-sdk/client-sts'
import * as v from 'valibot'
import { type ProbeResult, probe } from '../access/proof/steps/strangers.ts'
import { createLambdaHandler, type LambdaHandler, type Runtime } from '../lambda/runtime.ts'
import { ProjectId } from '../projects/project.ts'

const Request = v.strictObject({ project: ProjectId, roleArn: v.string() })

export function probeConnection({ client, log }: Runtime): LambdaHandler<ProbeResult> {
  const sts = new STSClient(client)

  return async (request) => {
    const { project, roleArn } = v.parse(Request, request)
    const answer = await probe(sts, project, roleArn)
    log(JSON.stringify({ project, ...answer }))
    return answer
  }
}

export const handler = createLambdaHandler(probeConnection)
