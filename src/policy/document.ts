/**
 * Parses policy documents, so that the evaluator only sees shapes that it knows.
 *
 * The element names are AWS's own. Each "one or many" becomes a list, so the result is itself a valid document. A document that AWS refuses
 * (MalformedPolicyDocument) is refused here, and so is a mistake that would widen a grant: an unknown element, an empty list, NotPrincipal
 * with Allow.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
 */
import * as v from 'valibot'

/** A document that IAM refuses, or that contains an obvious mistake. `field` is a path such as `Statement[1].Action`. */
export class PolicyError extends Error {
  override readonly name = 'PolicyError'
  readonly retryable = false
  readonly field: string

  constructor(field: string, problem: string) {
    super(`${field} ${problem}`)
    this.field = field
  }
}

const isEmpty = 'is empty'
const listOf = <const T>(item: v.GenericSchema<unknown, T>) =>
  v.pipe(
    v.unknown(),
    v.transform((value) => (Array.isArray(value) || value === undefined ? value : [value])),
    v.pipe(v.array(item), v.minLength(1, isEmpty)),
  )

const text = v.pipe(v.string('must be a string or a list of strings'), v.nonEmpty(isEmpty))
const action = v.pipe(text, v.regex(/^(\*|[\w*-]+:[\w*?]+)$/, 'must be * or like service:Action'))
/** An ARN must have six segments, not counting colons in variables. Whether AWS pads a shorter one with `*` depends on the kind of policy. */
const resource = v.pipe(
  text,
  v.check(
    (value) => value === '*' || /^arn:([^:]*:){4}./.test(value.replace(/\$\{[^}]*\}/g, '-')),
    'must be * or an ARN of six parts',
  ),
)
/** AWS does not support partial wildcards in principals. A policy that uses one would match no principal. */
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
/** The schema library drops keys such as `__proto__`. A dropped condition would widen the grant, so such keys are refused. */
const namesOnly = v.check((value: unknown) => {
  const names =
    typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.keys(value) : ['constructor']
  return !names.some((name) => name === '__proto__' || name === 'constructor' || name === 'prototype')
}, 'must be an object of condition names')
const namedMap = <T>(item: v.GenericSchema<unknown, T>) => v.pipe(v.unknown(), namesOnly, v.record(v.string(), item))
const condition = namedMap(namedMap(listOf(conditionValue)))

const statementSchema = v.strictObject({
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
    v.array(statementSchema),
  ),
})

export type PolicyDocument = v.InferOutput<typeof document>
export type Statement = v.InferOutput<typeof statementSchema>
export type PrincipalElement = v.InferOutput<typeof principal>
export type NamedPolicy = { name: string; document: PolicyDocument }

/** The kind of a policy decides which elements it must and must not have. */
export type PolicyKind = 'identity' | 'resource' | 'trust'

/**
 * Parses a policy document.
 *
 * @param value an object or JSON text
 * @param kind without it, only the rules that all kinds share are checked
 * @throws PolicyError that names the first field that is wrong
 */
export function parsePolicy(value: unknown, kind?: PolicyKind): PolicyDocument {
  const result = v.safeParse(document, typeof value === 'string' ? parseJson(value) : value)
  if (!result.success) throw errorOf(result.issues[0])
  result.output.Statement.forEach((statement, index) => {
    checkStatement(statement, `Statement[${index}]`, kind)
    const earlier = result.output.Statement.findIndex(
      (other) => statement.Sid !== undefined && other.Sid === statement.Sid,
    )
    if (earlier !== -1 && earlier < index)
      throw new PolicyError(`Statement[${index}].Sid`, `repeats the Sid of Statement[${earlier}]`)
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

function checkStatement(statement: Statement, where: string, kind: PolicyKind | undefined): void {
  exactlyOne(statement, where, 'Action', 'NotAction')
  atMostOne(statement, where, 'Resource', 'NotResource')
  atMostOne(statement, where, 'Principal', 'NotPrincipal')
  if (statement.NotPrincipal !== undefined && statement.Effect === 'Allow') {
    throw new PolicyError(`${where}.NotPrincipal`, 'cannot be used with Effect Allow')
  }
  if (kind === 'trust') absent(statement, where, 'Resource', 'NotResource')
  else if (kind !== undefined) exactlyOne(statement, where, 'Resource', 'NotResource')
  if (kind === 'identity') absent(statement, where, 'Principal', 'NotPrincipal')
  else if (kind !== undefined) exactlyOne(statement, where, 'Principal', 'NotPrincipal')
}

type Element = 'Action' | 'NotAction' | 'Resource' | 'NotResource' | 'Principal' | 'NotPrincipal'

function exactlyOne(statement: Statement, where: string, element: Element, opposite: Element): void {
  if (statement[element] === undefined && statement[opposite] === undefined)
    throw new PolicyError(`${where}.${element}`, 'is missing')
  atMostOne(statement, where, element, opposite)
}

function atMostOne(statement: Statement, where: string, element: Element, opposite: Element): void {
  if (statement[element] !== undefined && statement[opposite] !== undefined)
    throw new PolicyError(`${where}.${opposite}`, `cannot be used together with ${element}`)
}

function absent(statement: Statement, where: string, ...elements: Element[]): void {
  for (const element of elements) {
    if (statement[element] !== undefined)
      throw new PolicyError(`${where}.${element}`, 'is not allowed in this kind of policy')
  }
}
