/**
 * Whether a role's use was to be expected. Pure: whoever judges the same call with the same knowledge comes to the same.
 *
 * A single refusal says little and is only kept; many from one caller are a matter of their own (bursts.ts). Expected is what intended-uses.ts
 * names, and what a person of our account does with a role that is for people.
 */
import { beforeTheRoleIsStored, functionsOf, proving, purposesOf, trial } from './intended-uses.ts'
import type { RoleCall } from './role-call.ts'

export type AuditedStack = { readonly stage: string; readonly region: string; readonly people: Window | undefined }

/** Hours of the day, UTC, in which people use their roles, `from` included and `to` not; it may go over midnight. */
export type Window = { readonly from: number; readonly to: number }

/** What of a project's connection says whether its account was to be entered. */
export type KnownConnection = { readonly account: string; readonly roleArn?: string | undefined }

export type Judgement = {
  readonly verdict: 'expected' | 'unexpected'
  /** Only of what is unexpected. */
  readonly why?: string
  readonly function?: string
  readonly project?: string
  readonly purpose?: string
}

const expected = (facts: object = {}): Judgement => ({ verdict: 'expected', ...facts })
const unexpected = (why: string, facts: object = {}): Judgement => ({ verdict: 'unexpected', why, ...facts })

/**
 * A role of ours by the name of its file, any other by its ARN; undefined where it is no role of Sesame's.
 * `arn:aws:iam::123456789012:role/sesame/sesame-prod-eu-west-1-operator` → `operator`
 */
export function roleNameOf(
  arn: string,
  { account }: Pick<RoleCall, 'account'>,
  { stage, region }: Pick<AuditedStack, 'stage' | 'region'>,
): string | undefined {
  const [, , , , owner, resource = ''] = arn.split(':')
  if (!resource.startsWith('role/sesame/')) return undefined
  if (owner !== account) return arn
  const name = resource.slice('role/sesame/'.length)
  const ours = `sesame-${stage}-${region}-`
  return name.startsWith(ours) ? name.slice(ours.length) : undefined
}

/** `acme.prove` → the project and what it was entered for. Undefined where we would not have named a session so. */
function intentIn(sessionName = ''): { project: string; purpose: string } | undefined {
  const [, project, purpose] = /^([a-z0-9][a-z0-9-]*)\.([a-z][a-z0-9-]*)$/.exec(sessionName) ?? []
  return project === undefined || purpose === undefined ? undefined : { project, purpose }
}

/** @param connectionOf what is known of a project's connection; asked only where a customer's account was entered as a project */
export async function judgeUse(
  call: RoleCall,
  stack: AuditedStack,
  connectionOf: (project: string) => Promise<KnownConnection | undefined>,
): Promise<Judgement> {
  if (call.roleArn.split(':')[4] === call.account) return judgeOwn(call, stack)
  return judgeCustomers(call, stack, connectionOf)
}

function judgeOwn(call: RoleCall, stack: AuditedStack): Judgement {
  const { caller, sessionName } = call
  const functions = functionsOf[roleNameOf(call.roleArn, call, stack) ?? '']
  if (call.refused !== undefined) return expected()
  if (functions !== undefined) {
    if (caller.kind !== 'service' || caller.service !== 'lambda.amazonaws.com') return unexpected('unknown principal')
    const found = functions.find((one) => sessionName === `sesame-${stack.stage}-${one}`)
    return found === undefined ? unexpected('unknown session name') : expected({ function: found })
  }
  if (caller.kind === 'service') return expected()
  if (caller.kind === 'account') return unexpected('unknown principal')
  const by = caller.kind === 'role' ? roleNameOf(caller.arn, call, stack) : undefined
  // A function that becomes a person.
  if (by !== undefined && functionsOf[by]) return unexpected('unknown principal')
  return isWithin(stack.people, call.at) ? expected() : unexpected('outside the window')
}

async function judgeCustomers(
  call: RoleCall,
  stack: AuditedStack,
  connectionOf: (project: string) => Promise<KnownConnection | undefined>,
): Promise<Judgement> {
  const { caller } = call
  const by = caller.kind === 'role' ? (roleNameOf(caller.arn, call, stack) ?? '') : ''
  const intent = intentIn(call.sessionName)
  if (call.refused !== undefined) return expected(intent)
  // That a trial with a wrong id gets in is no use of ours, but a hole in the customer's trust policy.
  if (proving.includes(by) && intent?.purpose === trial) return unexpected('let a stranger in', intent)
  const purposes = purposesOf[by]
  if (purposes === undefined) return unexpected('unknown principal', intent)
  if (intent === undefined) return unexpected('unknown session name')
  if (!purposes.includes(intent.purpose)) return unexpected('no intended session: unknown purpose', intent)
  const connection = await connectionOf(intent.project)
  if (connection === undefined) return unexpected('no intended session: the project is not connected', intent)
  const isItsRole =
    connection.roleArn === call.roleArn ||
    (intent.purpose === beforeTheRoleIsStored && connection.account === call.roleArn.split(':')[4])
  return isItsRole ? expected(intent) : unexpected('no intended session: not the role of the project', intent)
}

function isWithin(window: Window | undefined, at: Date): boolean {
  if (window === undefined) return true
  const { from, to } = window
  const minutes = at.getUTCHours() * 60 + at.getUTCMinutes()
  return from <= to ? from <= minutes && minutes < to : from <= minutes || minutes < to
}

/** `06:00-20:00` → minutes of the day; nothing, for any time. */
export function readWindow(text: string): Window | undefined {
  if (text === '') return undefined
  const [, ...digits] = /^([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)$/.exec(text) ?? []
  const [fromHour, fromMinute, toHour, toMinute] = digits.map(Number)
  if (fromHour === undefined || fromMinute === undefined || toHour === undefined || toMinute === undefined)
    throw new Error('OPERATOR_WINDOW must be like 06:00-20:00, in UTC, or empty')
  return { from: fromHour * 60 + fromMinute, to: toHour * 60 + toMinute }
}
