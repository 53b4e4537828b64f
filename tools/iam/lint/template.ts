/** The policies in a file: their resource, their kind, and each statement in every variant that can be deployed. */
import { type PolicyKind, parsePolicy, type Statement } from '../../../src/policy/document.ts'
import { UnresolvedError } from '../../../src/template/resolve.ts'
import type { Location, Violation } from './finding.ts'
import { variantsOf } from './placeholders.ts'
import type { Path, Source } from './source.ts'

export type Resource = {
  readonly source: Source
  readonly id: string
  readonly type: string
  /** As written in the file, with unresolved intrinsics. */
  readonly properties: Record<string, unknown>
  location(...path: Path): Location
  /** The properties in every variant, with resolved intrinsics. Empty if an intrinsic cannot be resolved, which the rule `readable` reports. */
  variants(): unknown[]
}

export type LintStatement = {
  readonly resource: Resource
  readonly kind: PolicyKind
  /** The Sid, or the statement's number. */
  readonly name: string
  /** The elements as written, with resolved intrinsics. */
  readonly raw: Readonly<Record<string, unknown>>
  /** The same, validated, with lists wherever IAM accepts one or many. Undefined if it is no valid statement; `problem` has the reason. */
  readonly parsed: Statement | undefined
  readonly problem: string | undefined
  readonly path: Path
  location(...element: Path): Location
  /** A violation by the statement or by one of its elements. */
  violation(element: Path, problem: string, fix: string): Violation
}

export function resourcesOf(source: Source): Resource[] {
  const all: Record<string, unknown> = Object(Object(source.value).Resources)
  return Object.entries(all).map(([id, one]) => {
    const { Type, Properties } = Object(one)
    const properties: Record<string, unknown> = Object(Properties)
    return {
      source,
      id,
      type: String(Type),
      properties,
      location: (...path) => source.location(['Resources', id, ...path]),
      variants: () => resolvable(() => variantsOf(properties, source.value)),
    }
  })
}

function resolvable(resolve: () => unknown[]): unknown[] {
  try {
    return resolve()
  } catch (error) {
    if (error instanceof UnresolvedError) return []
    throw error
  }
}

/** Resource types that grant permissions to a role: the role itself and policies that can be attached to it. */
export const grantTypes: ReadonlySet<string> = new Set([
  'AWS::IAM::Role',
  'AWS::IAM::ManagedPolicy',
  'AWS::IAM::Policy',
  'AWS::IAM::RolePolicy',
])

type Found = { readonly value: unknown; readonly path: Path }

export function statementsOf(resource: Resource): LintStatement[] {
  return documentsOf(resource).flatMap(({ kind, value, path }) =>
    branches({ value: Object(value).Statement, path: [...path, 'Statement'] }).flatMap((list) =>
      itemsOf(list).flatMap((one, index) => variants(resource, kind, one, index)),
    ),
  )
}

/** The resource's policy documents, including both branches of each Fn::If and values that should be documents but are not. */
export function documentsOf({ id, type, properties }: Resource): (Found & { kind: PolicyKind })[] {
  const at = (value: unknown, ...path: Path) => branches({ value, path: ['Resources', id, 'Properties', ...path] })
  const of = (kind: PolicyKind, found: Found[]) => found.map((one) => ({ ...one, kind }))
  if (type === 'AWS::IAM::Role') {
    const policies = at(properties.Policies, 'Policies').flatMap(itemsOf)
    return [
      ...of('trust', at(properties.AssumeRolePolicyDocument, 'AssumeRolePolicyDocument')),
      ...policies.flatMap(({ value, path }) =>
        of('identity', branches({ value: Object(value).PolicyDocument ?? null, path: [...path, 'PolicyDocument'] })),
      ),
    ]
  }
  return of(grantTypes.has(type) ? 'identity' : 'resource', at(properties.PolicyDocument, 'PolicyDocument'))
}

/** Both branches of an Fn::If, recursively. A branch that is AWS::NoValue yields none. */
function branches({ value, path }: Found): Found[] {
  const choice = Object(value)['Fn::If']
  if (Array.isArray(choice))
    return [1, 2].flatMap((side) => branches({ value: choice[side], path: [...path, 'Fn::If', side] }))
  return value === undefined || Object(value).Ref === 'AWS::NoValue' ? [] : [{ value, path }]
}

const itemsOf = ({ value, path }: Found): Found[] =>
  Array.isArray(value)
    ? value.flatMap((item, index) => branches({ value: item, path: [...path, index] }))
    : [{ value, path }]

function variants(resource: Resource, kind: PolicyKind, { value, path }: Found, index: number): LintStatement[] {
  const named = (raw: Record<string, unknown>) => (typeof raw.Sid === 'string' ? raw.Sid : `statement ${index + 1}`)
  const make = (raw: Record<string, unknown>, parsed?: Statement, problem?: string): LintStatement => {
    const location = (...element: Path) => resource.source.location([...path, ...element])
    const violation = (element: Path, what: string, fix: string) => ({ at: location(...element), problem: what, fix })
    return { resource, kind, name: named(raw), raw, parsed, problem, path, location, violation }
  }
  try {
    return variantsOf(value, resource.source.value).map((resolved) => {
      const raw: Record<string, unknown> = Object(resolved)
      try {
        return make(raw, parsePolicy({ Version: '2012-10-17', Statement: [resolved] }, kind).Statement[0])
      } catch (error) {
        return make(raw, undefined, messageOf(error).replace(/^Statement\[0\]\.?/, ''))
      }
    })
  } catch (error) {
    return [make(Object(value), undefined, messageOf(error))]
  }
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error))
