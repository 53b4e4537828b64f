/**
 * A customer's role → whether it can be assumed without an external id, and with a random one.
 *
 * Runs as iam/connection-probe.yml and knows no external id. It discards the credentials that it gets.
 */
import { STSClient } from '@aws-sdk/client-sts'
import * as v from 'valibot'
import { type ProbeResult, probeRole } from '../access/proof/probe.ts'
import { createLambdaHandler } from '../lambda/lambda-handler.ts'
import type { LambdaHandler, Runtime } from '../lambda/runtime.ts'
import { ProjectId } from '../projects/project.ts'

const Request = v.strictObject({ project: ProjectId, roleArn: v.string() })

export function probeConnection({ client, log }: Runtime): LambdaHandler<ProbeResult> {
  const sts = new STSClient(client)

  return async (request) => {
    const { project, roleArn } = v.parse(Request, request)
    const answer = await probeRole(sts, project, roleArn)
    log(JSON.stringify({ project, ...answer }))
    return answer
  }
}

export const handler = createLambdaHandler(probeConnection)
