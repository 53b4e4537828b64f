/**
 * Role coverage: which grants of the role files the tests exercised, which calls were denied, and which conditions decided a call.
 */

import { withoutCondition } from '../changes.ts'
import type { FileStatement, Part } from '../role-parts.ts'
import type { CallRecord, StoredCall } from './call-record.ts'
import { metBy } from './grants.ts'
import { createRecogniser, type Recognise } from './recognise.ts'
import { partOf, policiesOf, reevaluate } from './stored-policies.ts'

export type Grant = {
  readonly part: string
  readonly statement: string
  readonly action: string
  /** The resource or, in a trust policy, the principal. */
  readonly on: string
  calls: number
  simulations: number
  /** The first test that exercised it. */
  test?: string
}

export type Guard = {
  readonly part: string
  readonly statement: string
  readonly condition: string
  decided: number
  test?: string
}

export type Refusal = {
  readonly action: string
  readonly by: string
  readonly file: string
  readonly test: string
  resources: string[]
  times: number
}

export type RoleCoverage = {
  readonly file: string
  readonly grants: Grant[]
  readonly guards: Guard[]
  readonly refusals: Refusal[]
}

export function coverageOf(parts: readonly Part[], records: readonly CallRecord[]): RoleCoverage[] {
  const roles = new Map(
    [...new Set(parts.map(({ file }) => file))].map((file): [string, RoleCoverage] => [
      file,
      { file, grants: [], guards: [], refusals: [] },
    ]),
  )
  const grants = new Map<string, Grant>()
  const guards = new Map<string, Guard>()
  for (const part of parts) {
    const role = roles.get(part.file)
    part.statements.forEach((one, index) => {
      for (const [at, grant] of grantsIn(part, one)) {
        grants.set(`${part.file} ${part.name} ${index} ${at}`, grant)
        role?.grants.push(grant)
      }
      for (const { operator, key } of one.conditions) {
        const guard: Guard = { part: part.name, statement: one.sid, condition: `${operator} ${key}`, decided: 0 }
        guards.set(`${part.file} ${part.name} ${index} ${operator} ${key}`, guard)
        role?.guards.push(guard)
      }
    })
  }

  const recognise = createRecogniser(parts)
  for (const record of records) {
    for (const call of record.calls) {
      for (const id of exercised(record, call, recognise)) {
        const grant = grants.get(id)
        if (!grant) continue
        grant[call.wanted ? 'simulations' : 'calls'] += call.times
        grant.test ??= `${record.file}: ${call.test}`
      }
      if (call.verdict === 'allowed') continue
      for (const id of deciding(record, call, recognise)) {
        const guard = guards.get(id)
        if (!guard) continue
        guard.decided += call.times
        guard.test ??= `${record.file}: ${call.test}`
      }
      const file = call.wanted ? undefined : refusedFile(record, call, recognise)
      if (file !== undefined) addRefusal(roles.get(file), record, call)
    }
  }
  return [...roles.values()]
}

function grantsIn(part: Part, one: FileStatement): [string, Grant][] {
  const on = part.isTrust ? one.principals.map(({ kind, name }) => `${kind} ${name}`) : one.resources
  return one.actions.flatMap((action, a) =>
    on.map((name, r): [string, Grant] => [
      `${a} ${r}`,
      { part: part.name, statement: one.sid, action, on: name, calls: 0, simulations: 0 },
    ]),
  )
}

/** Ids of the grants that allowed the call. For a Deny: the statement that denied it. */
function exercised(record: CallRecord, call: StoredCall, recognise: Recognise): string[] {
  const policies = policiesOf(record, call)
  const decision = reevaluate(record, call)
  return metBy({ request: call.request, policies, decision }).flatMap(({ policy, statement, action, resource }) => {
    const part = partOf(policy.document, call, recognise)
    const one = part?.statements[statement]
    if (!part || !one || (one.effect === 'Allow') !== (call.verdict === 'allowed')) return []
    // One name in the file can resolve to several values here, such as a parameter that is a list.
    const a = one.actions.length === 1 ? 0 : action
    const on = part.isTrust ? matchingPrincipals(one, call) : [one.resources.length === 1 ? 0 : resource]
    return on.map((r) => `${part.file} ${part.name} ${statement} ${a} ${r}`)
  })
}

function matchingPrincipals({ principals }: FileStatement, { request: { principal } }: StoredCall): number[] {
  if (principals.length === 1) return [0]
  const kinds: Record<string, string> = { service: 'Service', federated: 'Federated' }
  const name =
    principal.kind === 'service' ? principal.service : principal.kind === 'federated' ? principal.provider : ''
  const wanted = kinds[principal.kind] ?? 'AWS'
  return principals.flatMap((one, at) => (one.kind === wanted && (name === '' || one.name === name) ? [at] : []))
}

/** Ids of the conditions without which the call would be allowed. */
function deciding(record: CallRecord, call: StoredCall, recognise: Recognise): string[] {
  const { identity, boundary = [], resource } = policiesOf(record, call)
  return [...identity, ...boundary, ...(resource ? [resource] : [])].flatMap(({ document }) => {
    const part = partOf(document, call, recognise)
    if (!part) return []
    return part.statements.flatMap((one, statement) =>
      one.conditions.flatMap(({ operator, key }) => {
        const without = withoutCondition(document, { statement, operator, key })
        const verdict = reevaluate(record, call, (given) => (given === document ? without : given)).verdict
        return verdict === 'allowed' ? [`${part.file} ${part.name} ${statement} ${operator} ${key}`] : []
      }),
    )
  })
}

/** The role file that denied the call: the caller's, if it has one, or that of the role that could not be assumed. */
function refusedFile(record: CallRecord, call: StoredCall, recognise: Recognise): string | undefined {
  const { identity, resource } = policiesOf(record, call)
  const own = identity.map(({ document }) => partOf(document, call, recognise)?.file)
  if (own.length > 0) return own.every((file) => file === own[0]) ? own[0] : undefined
  return call.isTrust && resource ? partOf(resource.document, call, recognise)?.file : undefined
}

function addRefusal(role: RoleCoverage | undefined, { file }: CallRecord, call: StoredCall): void {
  const { action, resource } = call.request
  const same = role?.refusals.find(
    (one) => one.action === action && one.by === call.decidedBy && one.file === file && one.test === call.test,
  )
  if (!same)
    role?.refusals.push({ action, by: call.decidedBy, file, test: call.test, resources: [resource], times: call.times })
  else {
    same.times += call.times
    if (!same.resources.includes(resource)) same.resources.push(resource)
  }
}
