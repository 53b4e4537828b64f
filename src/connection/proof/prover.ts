/**
 * The proof of a connection: its steps in their order, each resting on those before it.
 *
 * It stores nothing and decides nothing: src/connection/proof/settle.ts does.
 */
import { SESv2Client, type SESv2ClientConfig } from '@aws-sdk/client-sesv2'
import { STSClient } from '@aws-sdk/client-sts'
import type { Connection, UsableConnection } from '../connection.ts'
import type { Connections } from '../connections.ts'
import type { OwnPlace } from '../operation.ts'
import { sessionsInto } from '../sessions.ts'
import { arnStep } from './arn.ts'
import { configurationStep, type Inspect } from './configuration.ts'
import { durationStep } from './duration.ts'
import { type Entered, entranceStep } from './entrance.ts'
import { identityStep } from './identity.ts'
import { ownRoleStep } from './own-role.ts'
import { trustToPaste } from './paste.ts'
import { permissionSteps } from './permissions.ts'
import type { Findings } from './proof-of.ts'
import { type Layer, type Step, skipping, untold } from './step.ts'
import { lookalikeStep, type Probe, strangerSteps } from './strangers.ts'

export type ProverMeans = {
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
export type Prover = (connection: Connection, place: OwnPlace) => Promise<Findings>

export function proverWith({ client, connections, probe, inspect, now, pause = sleep }: ProverMeans): Prover {
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
    const sessions = sessionsInto(sts, now, { capacity: 20 })
    const { step: entrance, inside }: Entered = await entranceStep(known, place, sessions)
    const strangers = await strangerSteps(known, place, probe)
    const before = [arn, ours, entrance, ...strangers]
    if (!inside) return { at, usedNextId: false, steps: [...before, ...skipped(afterEntrance)] }

    const steps = [
      ...before,
      await lookalikeStep(inside, place, sts),
      untold(unseen, unseenWhy, trustToPaste(known, place.account)),
      await durationStep(inside, sessions),
      await identityStep(inside, sessions, (credentials) => new STSClient({ ...client, credentials })),
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

const afterEntrance: readonly Layer[] = ['duration', 'account', 'permissions', 'configuration']
const afterOwnRole: readonly Layer[] = ['trust', ...afterEntrance]

const skipped = (these: readonly Layer[]): Step[] =>
  these.map((layer) => skipping({ step: layer, layer }, 'not tried: an earlier step failed'))

const sleep = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds))
