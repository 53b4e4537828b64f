/**
 * Escalation paths: how one role of our account can become another, or act through it.
 *
 * *assume*: both its permissions and the trust policy of the other role allow it. *pass*: it may hand the role to a service. *change*: it may
 * change the role's permissions or who assumes it. *code*: it may change a function that runs under the role. *invoke*: it may call such a
 * function, which decides itself what it does. Each is decided for all requests. The closure follows all of them but *invoke*.
 */
import * as v from 'valibot'
import { type Entry, waysToEnter, waysToUse } from '../../../src/policy/questions/ways.ts'
import type { RoleInForce } from '../../../src/template/policies-in-force.ts'

export type PathKind = 'assume' | 'pass' | 'change' | 'code' | 'invoke'
/** From role → kind → the roles that it reaches directly. */
export type Paths = Readonly<Record<string, Partial<Record<PathKind, readonly string[]>>>>

/** A function: its ARN and the ARN of its role. */
export type RunningFunction = { readonly arn: string; readonly role: string }

const actionsOf: Readonly<Record<PathKind, readonly string[]>> = {
  assume: ['sts:AssumeRole', 'sts:AssumeRoleWithSAML', 'sts:AssumeRoleWithWebIdentity'],
  pass: ['iam:PassRole'],
  change: [
    'iam:AttachRolePolicy',
    'iam:CreateRole',
    'iam:DeleteRolePermissionsBoundary',
    'iam:PutRolePermissionsBoundary',
    'iam:PutRolePolicy',
    'iam:UpdateAssumeRolePolicy',
  ],
  code: [
    'lambda:CreateFunction',
    'lambda:UpdateFunctionCode',
    'lambda:UpdateFunctionConfiguration',
    'lambda:PublishLayerVersion',
  ],
  invoke: ['lambda:InvokeAsync', 'lambda:InvokeFunction', 'lambda:InvokeFunctionUrl'],
}
const kinds = ['assume', 'pass', 'change', 'code', 'invoke'] as const

export function pathsAmong(roles: readonly RoleInForce[], functions: readonly RunningFunction[]): Paths {
  const found: Record<string, Partial<Record<PathKind, readonly string[]>>> = {}
  for (const from of roles) {
    if (from.trust === undefined) continue
    for (const kind of kinds) {
      const may = (resources: readonly string[]) =>
        waysToUse(from, { actions: actionsOf[kind], resources }).ways.length > 0
      if (!may(['*'])) continue
      const reached = roles.filter((to) => {
        if (to.name === from.name || to.trust === undefined || to.account !== from.account) return false
        if (kind === 'assume') return may([to.arn]) && admits(to, from)
        if (kind === 'pass' || kind === 'change') return may([to.arn])
        return functions.some(({ arn, role }) => role === to.arn && may([arn]))
      })
      if (reached.length > 0) found[from.name] = { ...found[from.name], [kind]: reached.map(({ name }) => name).sort() }
    }
  }
  return found
}

function admits({ name, arn, account, trust }: RoleInForce, { principal }: RoleInForce): boolean {
  if (trust === undefined) return false
  const entry: Entry = { name, arn, account, policy: trust, isTrust: true, caller: principal }
  return waysToEnter(entry).ways.length > 0
}

/** All roles that a role can become by any number of steps. */
export function closureOf(paths: Paths, from: string): string[] {
  const reached = new Set<string>()
  const visit = (name: string) => {
    for (const kind of kinds)
      for (const to of kind === 'invoke' ? [] : (paths[name]?.[kind] ?? []))
        if (!reached.has(to)) {
          reached.add(to)
          visit(to)
        }
  }
  visit(from)
  return [...reached].sort()
}

const target = v.union([v.picklist(['stack', 'functions']), v.array(v.string())])
const pathsFile = v.record(
  v.string(),
  v.strictObject({
    assume: v.optional(target),
    pass: v.optional(target),
    change: v.optional(target),
    code: v.optional(target),
    invoke: v.optional(target),
  }),
)

/** Paths that iam/claims/paths.yml does not list, and listed ones that do not exist. */
export function unexpectedPaths(
  listed: unknown,
  found: Paths,
  roles: readonly RoleInForce[],
  functions: readonly RunningFunction[],
): string[] {
  const file = v.parse(pathsFile, listed)
  const namesOf = (kept: (role: RoleInForce) => boolean) => roles.filter(kept).map(({ name }) => name)
  const expand = (given: v.InferOutput<typeof target> | undefined): readonly string[] => {
    if (given === 'stack') return namesOf(({ boundary }) => boundary !== undefined)
    return given === 'functions' ? namesOf(({ arn }) => functions.some(({ role }) => role === arn)) : (given ?? [])
  }
  const isThere = (name: string) => roles.some((role) => role.name === name)
  return [...new Set([...Object.keys(file), ...Object.keys(found)])].sort().flatMap((from) =>
    kinds.flatMap((kind) => {
      const [expected, actual] = [expand(file[from]?.[kind]), found[from]?.[kind] ?? []]
      const added = actual.filter((name) => !expected.includes(name))
      const gone = expected.filter((name) => !actual.includes(name))
      return [
        ...added.map((to) => `iam/claims/paths.yml does not list that ${from} can ${kind} ${to}`),
        ...gone.map(
          (to) =>
            `iam/claims/paths.yml lists that ${from} can ${kind} ${to}, but ${isThere(to) ? 'it cannot' : 'there is no such role'}`,
        ),
      ]
    }),
  )
}
