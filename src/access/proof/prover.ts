/**
 * The proof of a connection: its steps in their order, each resting on those before it.
 *
 * It stores nothing and decides nothing: src/access/proof/settle.ts does.
 */
import { SESv2Client, type SESv2ClientConfig } from '@aws-sdk/client-sesv2'
import { STSClient } from '@aws-sdk/client-sts'
import type { Deployment } from '../../arn.ts'
import type { Connection, UsableConnection } from '../../projects/connection.ts'
import type { Connections } from '../../projects/connections.ts'
import { createSessions } from '../session/sessions.ts'
import type { ProofFindings } from './conclusion.ts'
import { trustToPaste } from './paste.ts'
import { inconclusive, type ProofLayer, type ProofStep, skipping } from './step.ts'
import { accountStep } from './steps/account.ts'
import { arnStep } from './steps/arn.ts'
import { configurationStep, type Inspect } from './steps/configuration.ts'
import { durationStep } from './steps/duration.ts'
import { type ProvenEntry, trustStep } from './steps/entrance.ts'
import { ownRoleStep } from './steps/own-role.ts'
import { permissionSteps } from './steps/permissions.ts'
import { type Probe, similarIdStep, unknownIdSteps } from './steps/strangers.ts'

export type ProverDependencies = {
  /** What clients are made with, for our own role. */
  readonly client: Pick<SESv2ClientConfig, 'region' | 'credentials' | 'endpoint' | 'requestHandler'>
  readonly connections: Pick<Connections, 'refuseForeign'>
  readonly probe: Probe
  /** Absent where nothing is set up that could drift. */
  readonly inspect?: Inspect | undefined
  readonly now: () => Date
  readonly pause?: (milliseconds: number) => Promise<void>
}

/** @param connection as it is, or as it would be with a role */
export type Prover = (connection: Connection, place: Deployment) => Promise<ProofFindings>

export function createProver({ client, connections, probe, inspect, now, pause = sleep }: ProverDependencies): Prover {
  const sts = new STSClient(client)

  return async (connection, place) => {
    const at = now()
    const arn = await arnStep(connection, place, connections)
    const { roleArn } = connection
    if (arn.verdict !== 'passed' || roleArn === undefined)
      return { at, usedNextId: false, steps: [arn, ...skipped(['own role', ...afterOwnRole])] }

    const known: UsableConnection = { ...connection, roleArn }
    const ours = ownRoleStep(roleArn, place)
    if (ours.verdict !== 'passed') return { at, usedNextId: false, steps: [arn, ours, ...skipped(afterOwnRole)] }

    // Sessions of this proof alone: what was open before says nothing of now.
    const sessions = createSessions(sts, now, { capacity: 20 })
    const { step: entrance, inside }: ProvenEntry = await trustStep(known, place, sessions)
    const strangers = await unknownIdSteps(known, place, probe)
    const before = [arn, ours, entrance, ...strangers]
    if (!inside) return { at, usedNextId: false, steps: [...before, ...skipped(afterEntrance)] }

    const steps = [
      ...before,
      await similarIdStep(inside, place, sts),
      inconclusive(unseen, unseenWhy, trustToPaste(known, place.account)),
      await durationStep(inside, sessions),
      await accountStep(inside, sessions, (credentials) => new STSClient({ ...client, credentials })),
      ...(await permissionSteps(inside, place, {
        sessions,
        pause,
        sesWith: (credentials, region) => new SESv2Client({ ...client, region, credentials }),
      })),
      await configurationStep(inside, inspect),
    ]
    return { at, usedNextId: inside.externalId === connection.nextExternalId, steps }
  }
}

const unseen = { step: 'nobody else may enter, who knows the id', layer: 'trust' } as const
const unseenWhy =
  'cannot be tried from our account: a trust that names "*", another account as well, or ours without aws:PrincipalArn, answers us alike. Compare it with the one that the template makes'

const afterEntrance: readonly ProofLayer[] = ['duration', 'account', 'permissions', 'configuration']
const afterOwnRole: readonly ProofLayer[] = ['trust', ...afterEntrance]

const skipped = (these: readonly ProofLayer[]): ProofStep[] =>
  these.map((layer) => skipping({ step: layer, layer }, 'not tried: an earlier step failed'))

const sleep = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds))
