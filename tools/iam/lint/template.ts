/** The policies in a file: which resource holds them, of which kind they are, and each statement in every variant that can be deployed. */
import { type PolicyKind, parsePolicy, type Statement } from '../../../src/policy/document.ts'
import { UnresolvedError } from '../../../src/template/resolve.ts'
import type { Complaint, Spot } from './finding.ts'
import type { Path, Source } from './source.ts'
import { variantsOf } from './stand-ins.ts'

export type Resource = {
  readonly source: Source
  readonly id: string
  readonly type: string
  /** As the file has them, intrinsics unresolved. */
  readonly properties: Record<string, unknown>
  spot(...path: Path): Spot
  /** The properties in every variant, intrinsics resolved; none if one of them is beyond us, which is the business of whoever reads it. */
  variants(): unknown[]
}

export type LintStatement = {
  readonly resource: Resource
  readonly kind: PolicyKind
  /** Its Sid, or which statement it is. */
  readonly name: string
  /** Elements as written, intrinsics resolved. */
  readonly raw: Readonly<Record<string, unknown>>
  /** The same, checked and with lists for all that may be one or many; undefined when `problem` says why it is no statement. */
  readonly parsed: Statement | undefined
  readonly problem: string | undefined
  readonly path: Path
  spot(...element: Path): Spot
  /** A complaint about it, or about one of its elements. */
  complaint(element: Path, what: string, mend: string): Complaint
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
      spot: (...path) => source.spot(['Resources', id, ...path]),
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

/** Those whose grants are IAM's: the role and what can be attached to one. */
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

/** The policy documents in it, those of both sides of an Fn::If. What should be a document and is none is among them. */
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

/** Both sides of an Fn::If, and of those in it; a side that is AWS::NoValue is nothing. */
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
    const spot = (...element: Path) => resource.source.spot([...path, ...element])
    const complaint = (element: Path, what: string, mend: string) => ({ at: spot(...element), what, mend })
    return { resource, kind, name: named(raw), raw, parsed, problem, path, spot, complaint }
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
