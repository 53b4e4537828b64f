/**
 * A customer's role → whether it can be assumed without an external id, and with a random one.
 *
 * Runs as iam/connection-probe.yml and knows no external id. It discards the credentials that it gets. In each run it first tries its two control
 * roles.
 */
import { STSClient } from '@aws-sdk/client-sts'
import * as v from 'valibot'
import { type ProbeControls, type ProbeResult, probeRole } from '../access/proof/probe.ts'
import { createLambdaHandler } from '../lambda/lambda-handler.ts'
import { type LambdaHandler, type Runtime, readSetting } from '../lambda/runtime.ts'
import { ProjectId } from '../projects/project.ts'

const Request = v.strictObject({ project: ProjectId, roleArn: v.string() })

export function probeConnection(runtime: Runtime): LambdaHandler<ProbeResult> {
  const { client, log } = runtime
  const sts = new STSClient(client)
  const controls: ProbeControls = {
    open: readSetting(runtime, 'CONTROL_OPEN'),
    closed: readSetting(runtime, 'CONTROL_CLOSED'),
  }

  return async (request) => {
    const { project, roleArn } = v.parse(Request, request)
    const answer = await probeRole(sts, project, roleArn, controls)
    log(JSON.stringify({ project, ...answer }))
    return answer
  }
}

export const handler = createLambdaHandler(probeConnection)
