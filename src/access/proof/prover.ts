/**
 * The proof of a connection: its steps in order. Each step relies on the steps before it.
 *
 * The proof stores nothing and has no effect on the connection: src/access/proof/settle.ts does both.
 */
import { SESv2Client, type SESv2ClientConfig } from '@aws-sdk/client-sesv2'
import { STSClient } from '@aws-sdk/client-sts'
import type { Deployment } from '../../arn.ts'
import type { Connection, UsableConnection } from '../../projects/connection.ts'
import type { Connections } from '../../projects/connections.ts'
import { sleep } from '../../time.ts'
import { createSessions } from '../session/sessions.ts'
import type { ProofFindings } from './conclusion.ts'
import type { Probe } from './probe.ts'
import { type ProofLayer, type ProofStep, skipping } from './step.ts'
import { accountStep } from './steps/account.ts'
import { arnStep } from './steps/arn.ts'
import { configurationStep, type Inspect } from './steps/configuration.ts'
import { durationStep } from './steps/duration.ts'
import { inspectRole } from './steps/inspection.ts'
import { ownRoleStep } from './steps/own-role.ts'
import { permissionSteps } from './steps/permissions.ts'
import { similarIdStep, trustStep, unknownIdSteps } from './steps/trust.ts'

export type ProverDependencies = {
  /** Options of the clients of our own role, and, except region and credentials, of the clients in customers' accounts. */
  readonly client: Pick<SESv2ClientConfig, 'region' | 'credentials' | 'endpoint' | 'requestHandler'>
  readonly connections: Pick<Connections, 'refuseForeign'>
  readonly probe: Probe
  /** Absent if nothing is set up that could drift. */
  readonly inspect?: Inspect | undefined
  readonly now: () => Date
  readonly pause?: ((milliseconds: number) => Promise<void>) | undefined
}

/** @param connection as stored, or as it would be with a role */
export type Prover = (connection: Connection, deployment: Deployment) => Promise<ProofFindings>

/**
 * Makes proofs. A proof rejects only for a defect or an unavailable table: whatever AWS answers about the role is a step.
 */
export function createProver({ client, connections, probe, inspect, now, pause = sleep }: ProverDependencies): Prover {
  const sts = new STSClient(client)

  return async (connection, deployment) => {
    const at = now()
    const arn = await arnStep(connection, deployment, connections)
    const { roleArn } = connection
    if (arn.verdict !== 'passed' || roleArn === undefined)
      return { at, usedNextId: false, steps: [arn, ...notTried(['own role', ...afterOwnRole])] }

    const usable: UsableConnection = { ...connection, roleArn }
    const ownRole = ownRoleStep(roleArn, deployment)
    if (ownRole.verdict !== 'passed') return { at, usedNextId: false, steps: [arn, ownRole, ...notTried(afterOwnRole)] }

    // The proof opens sessions of its own: a session from before says nothing about the role now.
    const sessions = createSessions(sts, now, { capacity: 20 })
    const { step: trust, accepted } = await trustStep(usable, deployment, sessions)
    const before = [arn, ownRole, trust, ...(await unknownIdSteps(usable, deployment, probe))]
    if (!accepted) return { at, usedNextId: false, steps: [...before, ...notTried(afterTrust)] }

    const inspection = await inspectRole({ ...usable, externalId: accepted.externalId }, deployment, {
      sessions,
      client,
    })
    const steps = [
      ...before,
      await similarIdStep(accepted, deployment, sts),
      ...inspection.trust,
      await durationStep(accepted, sessions),
      await accountStep(accepted, sessions, (credentials) => new STSClient({ ...client, credentials })),
      ...(await permissionSteps(accepted, deployment, {
        sessions,
        pause,
        sesWith: (credentials, region) => new SESv2Client({ ...client, region, credentials }),
        grants: inspection.grants,
      })),
      ...inspection.permissions,
      await configurationStep(accepted, inspect),
    ]
    return { at, usedNextId: accepted.externalId === connection.nextExternalId, steps }
  }
}

const afterTrust: readonly ProofLayer[] = ['duration', 'account', 'permissions', 'configuration']
const afterOwnRole: readonly ProofLayer[] = ['trust', ...afterTrust]

const notTried = (layers: readonly ProofLayer[]): ProofStep[] =>
  layers.map((layer) => skipping({ step: layer, layer }, 'not tried: an earlier step failed'))
