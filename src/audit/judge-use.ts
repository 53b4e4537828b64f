/**
 * Decides whether a use of a role was expected. The decision depends on the call, the stack and the connection of the project alone.
 *
 * Expected are the uses that intended-uses.ts lists, and the use of a role for people by a person of our account. A single refusal is
 * expected as well; record-use.ts raises an alarm when one caller is refused repeatedly.
 */
import { arnOf } from '../arn.ts'
import { probePurpose, purposeBeforeStored, sessionPurposes } from '../session-purposes.ts'
import { controlRoles, dataRoles, functionsOf, polledRoles, probingRoles } from './intended-uses.ts'
import type { RoleCall } from './role-call.ts'

export type AuditedStack = {
  readonly stage: string
  readonly region: string
  /** When people may use their roles; absent: at any time. */
  readonly operatorWindow: Window | undefined
}

/** Part of the day in minutes since 00:00 UTC, from `from` until before `to`. It spans midnight if `from` is later than `to`. */
export type Window = { readonly from: number; readonly to: number }

/**
 * The part of a project's connection that decides whether its account was to be entered, and the time in which the connection was so.
 * CloudTrail's records arrive minutes after the call, and the connection may have changed since.
 */
export type KnownConnection = {
  readonly account: string
  readonly roleArn?: string | undefined
  /** Absent: since before times were stored. */
  readonly since?: Date | undefined
  /** When it had its role. Absent: since it was connected. */
  readonly roleSince?: Date | undefined
  /** Absent: it is so now. */
  readonly until?: Date | undefined
}

/**
 * How much earlier or later than a change a call may be: changes are dated by the start of the request that makes them, CloudTrail's times
 * have whole seconds, and functions know a connection for some time.
 */
const toleranceMs = 5 * 60_000

/** The present connection of a project and its former ones, in any order. */
export type ConnectionsOf = (project: string) => Promise<readonly KnownConnection[]>

export type Judgement = {
  readonly verdict: 'expected' | 'unexpected'
  /** Only for an unexpected use. */
  readonly why?: string
  readonly function?: string
  readonly project?: string
  readonly purpose?: string
}

const expected = (facts: object = {}): Judgement => ({ verdict: 'expected', ...facts })
const unexpected = (why: string, facts: object = {}): Judgement => ({ verdict: 'unexpected', why, ...facts })

/**
 * The name under which the audit lists a role: of our own the name of its file, of a customer's its ARN. `undefined` for a role that is not
 * Sesame's.
 * `arn:aws:iam::123456789012:role/sesame/sesame-prod-eu-west-1-operator` → `operator`
 */
export function roleNameOf(
  arn: string,
  { account }: Pick<RoleCall, 'account'>,
  { stage, region }: Pick<AuditedStack, 'stage' | 'region'>,
): string | undefined {
  const { account: owner, resource } = arnOf(arn)
  if (!resource.startsWith('role/sesame/')) return undefined
  if (owner !== account) return arn
  const name = resource.slice('role/sesame/'.length)
  const prefix = `sesame-${stage}-${region}-`
  return name.startsWith(prefix) ? name.slice(prefix.length) : undefined
}

/** `acme.prove` → project and purpose of the session. `undefined` if Sesame does not name sessions so. */
function intentOf(sessionName = ''): { project: string; purpose: string } | undefined {
  const [, project, purpose] = /^([a-z0-9][a-z0-9-]*)\.([a-z][a-z0-9-]*)$/.exec(sessionName) ?? []
  return project === undefined || purpose === undefined ? undefined : { project, purpose }
}

/** @param connectionsOf finds the present and the former connections of a project; called only if a customer's account was entered for a project */
export async function judgeUse(call: RoleCall, stack: AuditedStack, connectionsOf: ConnectionsOf): Promise<Judgement> {
  if (arnOf(call.roleArn).account === call.account) return judgeOwnRole(call, stack)
  return judgeCustomerRole(call, stack, connectionsOf)
}

function judgeOwnRole(call: RoleCall, stack: AuditedStack): Judgement {
  const { caller, sessionName } = call
  const role = roleNameOf(call.roleArn, call, stack) ?? ''
  const functions = functionsOf[role]
  if (call.refused !== undefined) return expected()
  const control = controlRoles[role]
  if (control) return judgeControl(control, call, stack)
  const readers = dataRoles[role]
  if (readers) return judgeDataRole(readers, call, stack)
  if (functions !== undefined) {
    if (caller.kind !== 'service' || caller.service !== 'lambda.amazonaws.com') return unexpected('unknown principal')
    if (polledRoles.includes(role) && /^awslambda_\d+_\d+$/.test(sessionName ?? '')) return expected()
    const found = functions.find((name) => sessionName === `sesame-${stack.stage}-${name}`)
    return found === undefined ? unexpected('unknown session name') : expected({ function: found })
  }
  if (caller.kind === 'service') return expected()
  if (caller.kind === 'account') return unexpected('unknown principal')
  const callingRole = caller.kind === 'role' ? roleNameOf(caller.arn, call, stack) : undefined
  // A function must not assume a role for people.
  if (callingRole !== undefined && functionsOf[callingRole]) return unexpected('unknown principal')
  return isWithin(stack.operatorWindow, call.at) ? expected() : unexpected('outside the window')
}

/** A control role was assumed. */
function judgeControl(
  { caller, isOpen }: { readonly caller: string; readonly isOpen: boolean },
  call: RoleCall,
  stack: AuditedStack,
): Judgement {
  const intent = intentOf(call.sessionName)
  if (call.caller.kind !== 'role' || roleNameOf(call.caller.arn, call, stack) !== caller)
    return unexpected('unknown principal', intent)
  return isOpen ? expected(intent) : unexpected('let a stranger in', intent)
}

/** A role with the data of one project was assumed. Its trust policy allows the same roles. */
function judgeDataRole(readers: readonly string[], call: RoleCall, stack: AuditedStack): Judgement {
  const intent = intentOf(call.sessionName)
  const callingRole = call.caller.kind === 'role' ? roleNameOf(call.caller.arn, call, stack) : undefined
  if (callingRole === undefined || !readers.includes(callingRole)) return unexpected('unknown principal', intent)
  return intent ? expected(intent) : unexpected('unknown session name')
}

async function judgeCustomerRole(
  call: RoleCall,
  stack: AuditedStack,
  connectionsOf: ConnectionsOf,
): Promise<Judgement> {
  const { caller } = call
  const callingRole = caller.kind === 'role' ? (roleNameOf(caller.arn, call, stack) ?? '') : ''
  const intent = intentOf(call.sessionName)
  if (call.refused !== undefined) return expected(intent)
  // The customer's trust policy let a probe in that had a wrong external id.
  if (probingRoles.includes(callingRole) && intent?.purpose === probePurpose)
    return unexpected('let a stranger in', intent)
  const purposes = purposesOf(callingRole)
  if (purposes.length === 0) return unexpected('unknown principal', intent)
  if (intent === undefined) return unexpected('unknown session name')
  if (!purposes.includes(intent.purpose)) return unexpected('no intended session: unknown purpose', intent)
  const all = await connectionsOf(intent.project)
  const connections = all.filter(({ since, until }) => isDuring(call.at, since, until))
  if (connections.length === 0) return unexpected('no intended session: the project is not connected', intent)
  const account = arnOf(call.roleArn).account
  const isRoleOfProject = connections.some(
    (one) =>
      (one.roleArn === call.roleArn && isDuring(call.at, one.roleSince, undefined)) ||
      (intent.purpose === purposeBeforeStored && one.account === account),
  )
  return isRoleOfProject ? expected(intent) : unexpected('no intended session: not the role of the project', intent)
}

const purposesOf = (role: string): string[] =>
  Object.entries(sessionPurposes).flatMap(([purpose, roles]) => (roles.some((one) => one === role) ? [purpose] : []))

const isDuring = (at: Date, since: Date | undefined, until: Date | undefined): boolean =>
  (since === undefined || at.getTime() >= since.getTime() - toleranceMs) &&
  (until === undefined || at.getTime() <= until.getTime() + toleranceMs)

function isWithin(window: Window | undefined, at: Date): boolean {
  if (window === undefined) return true
  const { from, to } = window
  const minutes = at.getUTCHours() * 60 + at.getUTCMinutes()
  return from <= to ? from <= minutes && minutes < to : from <= minutes || minutes < to
}

/**
 * `06:00-20:00` → a window in minutes of the day; an empty text → `undefined`, which is any time.
 * @throws Error if the text is neither
 */
export function readWindow(text: string): Window | undefined {
  if (text === '') return undefined
  const [, ...digits] = /^([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)$/.exec(text) ?? []
  const [fromHour, fromMinute, toHour, toMinute] = digits.map(Number)
  if (fromHour === undefined || fromMinute === undefined || toHour === undefined || toMinute === undefined)
    throw new Error('OPERATOR_WINDOW must be hours of the day in UTC, such as 06:00-20:00, or empty')
  return { from: fromHour * 60 + fromMinute, to: toHour * 60 + toMinute }
}
