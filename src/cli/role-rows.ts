/** The rows of `sesame roles compare` and `sesame roles public`: differences between two states of all roles, and who outside may enter. */
import type { Statement } from '../policy/document.ts'
import { compareEntry, compareUse, type Difference } from '../policy/questions/compare.ts'
import { requestText, valuesText } from '../policy/questions/subject.ts'
import { suggestedActions } from '../policy/questions/suggested-actions.ts'
import { type Entry, type Way, waysToEnter } from '../policy/questions/ways.ts'
import type { Principal } from '../policy/request.ts'
import type { PoliciesInForce, RoleInForce } from '../template/policies-in-force.ts'

export type DifferenceRow = {
  readonly role: string
  readonly change: string
  readonly action: string
  readonly statement: string
  readonly example: string
}

export type OutsiderRow = {
  readonly who: string
  readonly may: string
  readonly where: string
  readonly if: string
  readonly statement: string
}

/** `aws:SourceAccount StringEquals 123456789012; …`. */
export const conditionText = ({ Condition = {} }: Statement): string =>
  Object.entries(Condition)
    .flatMap(([operator, keys]) =>
      Object.entries(keys).map(([key, values]) => `${key} ${operator} ${valuesText(key, values)}`),
    )
    .join('; ')

const nothing = { Version: '2012-10-17' as const, Statement: [] }

/** The differences of all roles, by name. A role that only one side has is compared with a role that may do nothing. */
export function differencesOf(base: PoliciesInForce, head: PoliciesInForce): DifferenceRow[] {
  const names = [...new Set([...base.roles, ...head.roles].map(({ name }) => name))].sort()
  const known = head.roles.map(({ arn }) => arn)
  return names.flatMap((name) => {
    const before = base.roles.find((role) => role.name === name)
    const after = head.roles.find((role) => role.name === name)
    const any = after ?? before
    if (any === undefined) return []
    const empty: RoleInForce = { ...any, identity: [], trust: { name, document: nothing } }
    const [one, other] = [before ?? empty, after ?? empty]
    const row = ({ change, action, statement, example }: Difference, isEntry: boolean): DifferenceRow => ({
      role: name,
      change,
      action,
      statement,
      example: requestText(example, isEntry),
    })
    const use = compareUse(one, other, { suggestedActions }).map((each) => row(each, false))
    if (one.trust === undefined || other.trust === undefined) return use
    return [...use, ...compareEntry(entryOf(one, known), entryOf(other, known)).map((each) => row(each, true))]
  })
}

const entryOf = ({ name, arn, account, trust }: RoleInForce, known: readonly string[]): Entry => ({
  name,
  arn,
  account,
  known,
  isTrust: true,
  policy: trust ?? { name, document: nothing },
})

/** Everybody but principals of the account itself. A service acts for whom it wants, so it is an outsider. */
const isOutside =
  (account: string) =>
  (principal: Principal): boolean =>
    !('account' in principal) || principal.account !== account

export function outsidersOf({ account, roles, resources }: PoliciesInForce): { rows: OutsiderRow[]; judged: number } {
  const known = roles.filter(({ trust }) => trust !== undefined).map(({ arn }) => arn)
  const entries = [
    ...roles.flatMap((role) => (role.trust === undefined ? [] : [{ ...entryOf(role, known), home: role.account }])),
    ...resources.map(({ name, arn, policy }) => ({ name, arn, policy, account, known, isTrust: false, home: account })),
  ]
  const found = entries.map((entry) => ({ entry, ...waysToEnter(entry, isOutside(entry.home)) }))
  const rows = found.flatMap(({ entry, ways }) => ways.map((way) => outsiderRow(entry, way)))
  return { rows, judged: found.reduce((sum, { judged }) => sum + judged, 0) }
}

const outsiderRow = ({ name }: Entry, { statement, action }: Way): OutsiderRow => ({
  who: principalsOf(statement),
  may: action,
  where: name,
  if: conditionText(statement),
  statement: statement.Sid ?? '-',
})

function principalsOf({ Principal: principal }: Statement): string {
  if (principal === '*' || principal === undefined) return 'everyone'
  return Object.values(principal)
    .flatMap((names) => names ?? [])
    .map((name) => (name === '*' ? 'everyone' : name))
    .join(', ')
}
