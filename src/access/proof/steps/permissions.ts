/**
 * Steps: each permission that the connection's features need, tried in the account.
 *
 * Each trial has a session that allows the commands of its own grant, so a refusal comes from the role and not from our session policy.
 */
import type { SESv2Client } from '@aws-sdk/client-sesv2'
import type { Deployment } from '../../../arn.ts'
import { mailActionsOf } from '../../../policy/mail-actions.ts'
import { defaultFeatures, type Feature, type UsableConnection } from '../../../projects/connection.ts'
import { type Grant, grantOf, grants } from '../../session/customer-actions.ts'
import { ConnectionError, PermissionMissingError, ThrottledError } from '../../session/errors.ts'
import { sessionStatementsOf } from '../../session/session-policy.ts'
import type { SessionCredentials, Sessions } from '../../session/sessions.ts'
import { statementToPaste } from '../paste.ts'
import {
  type FallibleCheck,
  failing,
  inconclusive,
  messageOf,
  type ProofStep,
  passing,
  skipping,
  unanswered,
} from '../step.ts'
import { prerequisites, type TrialCall, trialSetOf, trialsOf } from '../trials.ts'
import type { Inspection } from './inspection.ts'

export type PermissionDependencies = {
  readonly sessions: Sessions
  readonly sesWith: (credentials: SessionCredentials, region: string) => SESv2Client
  readonly pause: (milliseconds: number) => Promise<void>
  /** What the text of the role says about a command that cannot be tried. Absent if it was not read. */
  readonly grants?: Inspection['grants'] | undefined
}

/** SES accepts about one of these calls per second: a throttled call is retried after this pause, at most `maxRetries` times. */
const retryPauseMs = 1_100
const maxRetries = 4

/** @param accepted the connection with the external id that the role accepts */
export async function permissionSteps(
  accepted: UsableConnection,
  deployment: Deployment,
  dependencies: PermissionDependencies,
): Promise<ProofStep[]> {
  const call = createTrialCall(accepted, dependencies)
  const trials = trialsOf(accepted, deployment)
  const steps: ProofStep[] = []
  for (const [feature, commands] of commandsByFeature(accepted)) {
    for (const command of commands) {
      const check = checkOf(feature, command)
      const trial = trials[command]
      const prerequisite = prerequisites[command]
      if (steps.some(({ isOpen }) => isOpen)) steps.push(skipping(check, 'not tried: SES does not answer now'))
      else if (!trial) steps.push(untriedStep(command, check, accepted, deployment, dependencies))
      else if (prerequisite !== undefined && !hasPassed(steps, prerequisite))
        steps.push(inconclusive(check, `not tried without ${prerequisite}`))
      else steps.push(await outcomeOf(command, check, () => trial(call), accepted, deployment))
    }
  }
  return [...steps, ...unusedFeatures(accepted)]
}

const checkOf = (feature: string, command: string): FallibleCheck => ({
  step: `${feature}: ${command}`,
  failure: `${feature}: ${command} is not allowed`,
  layer: 'permissions',
})

async function outcomeOf(
  command: string,
  check: FallibleCheck,
  run: () => Promise<string | undefined>,
  accepted: UsableConnection,
  { account }: Deployment,
): Promise<ProofStep> {
  try {
    const unclear = await run()
    return unclear === undefined ? passing(check, 'allowed') : inconclusive(check, unclear)
  } catch (error) {
    if (!(error instanceof ConnectionError)) throw error
    if (!(error instanceof PermissionMissingError)) return unanswered(check, messageOf(error))
    const action = error.action ?? command
    const isElsewhere = error.refusedBy && error.refusedBy !== 'identity-based policy'
    const remedy = isElsewhere || error.isExplicit ? 'Change that policy. The role itself needs' : 'The role needs'
    return failing(check, `${messageOf(error)}. ${remedy}`, statementToPaste(accepted, account, action))
  }
}

/**
 * SES commands of each feature, prerequisites first. Commands of SNS are left out: what they set up is checked by the step of the
 * configuration.
 */
function commandsByFeature({ features }: UsableConnection): [string, string[]][] {
  const sesCommandsOf = (grant: Grant) => grant.commands.filter((command) => command.startsWith('ses:'))
  const prerequisitesFirst = (a: string, b: string) =>
    Number(prerequisites[a] !== undefined) - Number(prerequisites[b] !== undefined)
  return features.map((feature) => [
    feature,
    grants
      .filter((grant) => grant.feature === feature)
      .flatMap(sesCommandsOf)
      .sort(prerequisitesFirst),
  ])
}

/** A command that would have an effect is not tried. The text of the role decides, if it was read. */
function untriedStep(
  command: string,
  check: FallibleCheck,
  accepted: UsableConnection,
  { account }: Deployment,
  { grants: granted }: PermissionDependencies,
): ProofStep {
  if (!granted) return inconclusive(check, whyNotTried(command))
  const actions = grantOf(command).actions ?? mailActionsOf(command)
  const missing = actions.find((action) => granted(action) === 'nowhere')
  if (missing !== undefined)
    return failing(
      check,
      `${missing} is not in the text of the role. It needs`,
      statementToPaste(accepted, account, missing),
    )
  const isPartial = actions.some((action) => granted(action) === 'in part')
  return passing(
    check,
    isPartial ? 'allowed for some resources, by the text of the role' : 'allowed, by the text of the role',
  )
}

const hasPassed = (steps: readonly ProofStep[], command: string) =>
  steps.some(({ step, verdict }) => step.endsWith(` ${command}`) && verdict === 'passed')

/** What tries the commands of a feature. */
const triedBy: Readonly<Partial<Record<Feature, string>>> = {
  verification: 'Adding an identity',
  reputation: 'sesame rates',
}

const whyNotTried = (command: string) =>
  command === 'ses:SendEmail'
    ? 'not tried: it would send mail. sesame doctor --mail sends one to the mailbox simulator'
    : `not tried: no harmless call exists. ${
        triedBy[grantOf(command).feature] ?? 'sesame configure'
      } shows whether it is allowed`

/** Features that a connection usually has. That it lacks one of the others is nothing to tell. */
const unusedFeatures = ({ features }: UsableConnection): ProofStep[] =>
  defaultFeatures
    .filter((feature) => !features.includes(feature))
    .map((feature) =>
      skipping({ step: `${feature}: not requested`, layer: 'permissions' }, 'the connection does not use this feature'),
    )

/** Calls with a session of the command's own grant, and retries throttled calls. */
function createTrialCall(accepted: UsableConnection, { sessions, sesWith, pause }: PermissionDependencies): TrialCall {
  const restriction = { configurationSet: trialSetOf(accepted.project) }
  const once: TrialCall = (command, run) => {
    const allow = sessionStatementsOf(accepted, commandsOfSameGrant(command), restriction)
    return sessions.use(accepted, { name: 'prove', seconds: 900, allow }, (credentials) =>
      run(sesWith(credentials, accepted.region)),
    )
  }
  return async (command, run) => {
    for (let retries = 0; ; retries++) {
      try {
        return await once(command, run)
      } catch (error) {
        if (!(error instanceof ThrottledError) || retries === maxRetries) throw error
        await pause(retryPauseMs)
      }
    }
  }
}

/** One session serves all commands of a grant. */
const commandsOfSameGrant = (command: string): readonly string[] =>
  grants.find(({ commands }) => commands.includes(command))?.commands ?? [command]
