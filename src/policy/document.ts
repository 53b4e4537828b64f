/**
 * A policy document, read once and checked, so that the evaluator never meets a shape that it does not know.
 *
 * The element names stay AWS's own; every "one or many" becomes a list, so the result is itself a valid document. What AWS
 * would refuse (MalformedPolicyDocument) is refused here with the field's name, and so is what could only be a mistake that
 * widens a grant: an unknown element, an empty list, NotPrincipal with Allow.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
 */
import * as v from 'valibot'

/** A document that IAM would refuse, or that we refuse because it can only be a mistake. `field` is a path such as `Statement[1].Action`. */
export class PolicyError extends Error {
  override readonly name = 'PolicyError'
  readonly retryable = false
  readonly field: string

  constructor(field: string, problem: string) {
    super(`${field} ${problem}`)
    this.field = field
  }
}

const atLeastOne = 'is empty'
const listOf = <const T>(item: v.GenericSchema<unknown, T>) =>
  v.pipe(
    v.unknown(),
    v.transform((value) => (Array.isArray(value) || value === undefined ? value : [value])),
    v.pipe(v.array(item), v.minLength(1, atLeastOne)),
  )

const text = v.pipe(v.string('must be a string or a list of strings'), v.nonEmpty(atLeastOne))
const action = v.pipe(text, v.regex(/^(\*|[\w*-]+:[\w*?]+)$/, 'must be * or like service:Action'))
/** Six segments, variables aside: whether AWS pads a shorter one with `*` depends on the kind of policy. */
const resource = v.pipe(
  text,
  v.check(
    (value) => value === '*' || /^arn:([^:]*:){4}./.test(value.replace(/\$\{[^}]*\}/g, '-')),
    'must be * or an ARN of six parts',
  ),
)
/** AWS knows no partial wildcards here; a policy that relies on one would silently name nobody. */
const awsPrincipal = v.pipe(text, v.regex(/^(\*|[^*?]+)$/, 'must be * or a principal without wildcards'))
const principalMap = v.strictObject({
  AWS: v.optional(listOf(awsPrincipal)),
  Service: v.optional(listOf(text)),
  Federated: v.optional(listOf(text)),
  CanonicalUser: v.optional(listOf(text)),
})
const principal = v.union(
  [v.literal('*'), principalMap],
  'must be "*" or name AWS, Service, Federated or CanonicalUser',
)

const conditionValue = v.pipe(
  v.union([v.string(), v.number(), v.boolean()], 'must be a string, a number or a boolean'),
  v.transform(String),
)
/** Schemas drop keys such as `__proto__`: a condition that vanished would widen the grant, so it is refused instead. */
const namesOnly = v.check((value: unknown) => {
  const names =
    typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.keys(value) : ['constructor']
  return !names.some((name) => name === '__proto__' || name === 'constructor' || name === 'prototype')
}, 'must be an object of condition names')
const namedMap = <T>(item: v.GenericSchema<unknown, T>) => v.pipe(v.unknown(), namesOnly, v.record(v.string(), item))
const condition = namedMap(namedMap(listOf(conditionValue)))

const statement = v.strictObject({
  Sid: v.optional(v.string('must be a string')),
  Effect: v.picklist(['Allow', 'Deny'], 'must be Allow or Deny'),
  Principal: v.optional(principal),
  NotPrincipal: v.optional(principal),
  Action: v.optional(listOf(action)),
  NotAction: v.optional(listOf(action)),
  Resource: v.optional(listOf(resource)),
  NotResource: v.optional(listOf(resource)),
  Condition: v.optional(condition),
})

const document = v.strictObject({
  Version: v.optional(v.picklist(['2012-10-17', '2008-10-17'], 'must be 2012-10-17 or 2008-10-17'), '2008-10-17'),
  Id: v.optional(v.string('must be a string')),
  Statement: v.pipe(
    v.unknown(),
    v.transform((value) => (Array.isArray(value) || value === undefined ? value : [value])),
    v.array(statement),
  ),
})

export type PolicyDocument = v.InferOutput<typeof document>
export type Statement = v.InferOutput<typeof statement>
export type PrincipalElement = v.InferOutput<typeof principal>
export type NamedPolicy = { name: string; document: PolicyDocument }

/** Where a document stands decides which elements it must and must not have. */
export type PolicyKind = 'identity' | 'resource' | 'trust'

/**
 * Reads a policy document, given as an object or as JSON text. Without `kind` only what every kind shares is checked.
 * Throws PolicyError naming the first field that is wrong.
 */
export function parsePolicy(value: unknown, kind?: PolicyKind): PolicyDocument {
  const result = v.safeParse(document, typeof value === 'string' ? parseJson(value) : value)
  if (!result.success) throw errorOf(result.issues[0])
  result.output.Statement.forEach((one, index) => {
    checkStatement(one, `Statement[${index}]`, kind)
    const earlier = result.output.Statement.findIndex((other) => one.Sid !== undefined && other.Sid === one.Sid)
    if (earlier !== -1 && earlier < index)
      throw new PolicyError(`Statement[${index}].Sid`, `repeats that of Statement[${earlier}]`)
  })
  return result.output
}

function parseJson(value: string): unknown {
  try {
    return JSON.parse(value)
  } catch {
    throw new PolicyError('The policy', 'is not valid JSON')
  }
}

function errorOf(issue: v.BaseIssue<unknown>): PolicyError {
  const field = (issue.path ?? [])
    .map(({ key }) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`))
    .join('')
    .replace(/^\./, '')
  if (field === '') return new PolicyError('The policy', 'must be an object')
  if (issue.type === 'strict_object' && issue.expected === 'never')
    return new PolicyError(field, 'is not an element of a policy')
  if (issue.received === 'undefined') return new PolicyError(field, 'is missing')
  return new PolicyError(field, issue.message.startsWith('Invalid type') ? `must be ${issue.expected}` : issue.message)
}

function checkStatement(one: Statement, where: string, kind: PolicyKind | undefined): void {
  exactlyOne(one, where, 'Action', 'NotAction')
  atMostOne(one, where, 'Resource', 'NotResource')
  atMostOne(one, where, 'Principal', 'NotPrincipal')
  if (one.NotPrincipal !== undefined && one.Effect === 'Allow') {
    throw new PolicyError(`${where}.NotPrincipal`, 'cannot be used with Effect Allow')
  }
  if (kind === 'trust') absent(one, where, 'Resource', 'NotResource')
  else if (kind !== undefined) exactlyOne(one, where, 'Resource', 'NotResource')
  if (kind === 'identity') absent(one, where, 'Principal', 'NotPrincipal')
  else if (kind !== undefined) exactlyOne(one, where, 'Principal', 'NotPrincipal')
}

type Element = 'Action' | 'NotAction' | 'Resource' | 'NotResource' | 'Principal' | 'NotPrincipal'

function exactlyOne(one: Statement, where: string, yes: Element, no: Element): void {
  if (one[yes] === undefined && one[no] === undefined) throw new PolicyError(`${where}.${yes}`, 'is missing')
  atMostOne(one, where, yes, no)
}

function atMostOne(one: Statement, where: string, yes: Element, no: Element): void {
  if (one[yes] !== undefined && one[no] !== undefined)
    throw new PolicyError(`${where}.${no}`, `cannot stand beside ${yes}`)
}

function absent(one: Statement, where: string, ...elements: Element[]): void {
  for (const element of elements) {
    if (one[element] !== undefined) throw new PolicyError(`${where}.${element}`, 'has no place in this kind of policy')
  }
}
