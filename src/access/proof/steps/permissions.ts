/**
 * Steps: each permission that the connection's features need, tried in the account.
 *
 * Every trial has a session of its own features' commands, so that a refusal is the role's and not our session policy's.
 */
import type { SESv2Client } from '@aws-sdk/client-sesv2'
import type { Deployment } from '../../../arn.ts'
import type { UsableConnection } from '../../../projects/connection.ts'
import { type Grant, grants } from '../../session/customer-actions.ts'
import { ConnectionError, PermissionMissingError, ThrottledError } from '../../session/errors.ts'
import { sessionStatementsOf } from '../../session/session-policy.ts'
import type { SessionCredentials, Sessions } from '../../session/sessions.ts'
import { statementToPaste } from '../paste.ts'
import { failing, inconclusive, messageOf, type ProofStep, passing, skipping, unanswered } from '../step.ts'
import { restsOn, type TrialCall, trials, unmadeSet } from '../trials.ts'

export type PermissionDependencies = {
  readonly sessions: Sessions
  readonly sesWith: (credentials: SessionCredentials, region: string) => SESv2Client
  readonly pause: (milliseconds: number) => Promise<void>
}

/** SES takes about one call a second of these: a throttled one is repeated after this long, so many times. */
const pauseMs = 1_100
const patience = 4

export async function permissionSteps(
  inside: UsableConnection,
  place: Deployment,
  means: PermissionDependencies,
): Promise<ProofStep[]> {
  const call = callingInto(inside, means)
  const tried = trials(inside, place)
  const steps: ProofStep[] = []
  for (const [feature, commands] of byFeature(inside)) {
    for (const command of commands) {
      const name = { step: `${feature}: ${command}`, layer: 'permissions' } as const
      const trial = tried[command]
      const base = restsOn[command]
      if (steps.some(({ isOpen }) => isOpen)) steps.push(skipping(name, 'not tried: SES does not answer now'))
      else if (!trial) steps.push(inconclusive(name, whyNotTried(command)))
      else if (base !== undefined && !isProven(steps, base)) steps.push(inconclusive(name, `not tried without ${base}`))
      else steps.push(await outcome(name, () => trial(call), inside, place))
    }
  }
  return [...steps, ...switchedOff(inside)]
}

async function outcome(
  name: Pick<ProofStep, 'step' | 'layer'>,
  run: () => Promise<string | undefined>,
  inside: UsableConnection,
  { account }: Deployment,
): Promise<ProofStep> {
  try {
    const unclear = await run()
    return unclear === undefined ? passing(name, 'allowed') : inconclusive(name, unclear)
  } catch (error) {
    if (!(error instanceof ConnectionError)) throw error
    if (!(error instanceof PermissionMissingError)) return unanswered(name, messageOf(error))
    const action = error.action ?? name.step.split(' ').at(-1) ?? ''
    const elsewhere = error.refusedBy && error.refusedBy !== 'identity-based policy'
    const where = elsewhere || error.isExplicit ? '. Look for it there; the role itself needs' : '. It needs'
    return failing(name, `${messageOf(error)}${where}`, statementToPaste(inside, account, action))
  }
}

/** Commands of one feature, what others rest on first; topics left out: those show in the step of the configuration. */
function byFeature({ features }: UsableConnection): [string, string[]][] {
  const ofSes = (grant: Grant) => grant.commands.filter((command) => command.startsWith('ses:'))
  const itsBaseFirst = (a: string, b: string) => Number(restsOn[a] !== undefined) - Number(restsOn[b] !== undefined)
  return features.map((feature) => [
    feature,
    grants
      .filter((grant) => grant.feature === feature)
      .flatMap(ofSes)
      .sort(itsBaseFirst),
  ])
}

const isProven = (steps: readonly ProofStep[], command: string) =>
  steps.some(({ step, verdict }) => step.endsWith(` ${command}`) && verdict === 'passed')

const whyNotTried = (command: string) =>
  command === 'ses:SendEmail'
    ? 'not tried: it would send mail. sesame doctor --mail sends one to the mailbox simulator'
    : 'not tried: there is no harmless way. It shows when the configuration is set up'

const switchedOff = ({ features }: UsableConnection): ProofStep[] =>
  [...new Set(grants.map(({ feature }) => feature))]
    .filter((feature) => !features.includes(feature))
    .map((feature) =>
      skipping({ step: `${feature}: not asked for`, layer: 'permissions' }, 'the connection does without it'),
    )

function callingInto(inside: UsableConnection, { sessions, sesWith, pause }: PermissionDependencies): TrialCall {
  const only = { configurationSet: unmadeSet(inside.project) }
  const once: TrialCall = (command, run) => {
    const purpose = { name: 'prove', seconds: 900, allow: sessionStatementsOf(inside, neighbours(command), only) }
    return sessions.use(inside, purpose, (credentials) => run(sesWith(credentials, inside.region)))
  }
  return async (command, run) => {
    for (let tried = 0; ; tried++) {
      try {
        return await once(command, run)
      } catch (error) {
        if (!(error instanceof ThrottledError) || tried === patience) throw error
        await pause(pauseMs)
      }
    }
  }
}

/** The commands of the same statement: one session serves them all. */
const neighbours = (command: string): readonly string[] =>
  grants.find(({ commands }) => commands.includes(command))?.commands ?? [command]
