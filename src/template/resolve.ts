/**
 * CloudFormation intrinsics → plain values, so that the role files and policies can be judged as CloudFormation deploys them.
 *
 * Knows Ref, Fn::GetAtt, Fn::Sub, Fn::Join, Fn::Split, Fn::Select, Fn::If, Fn::Equals, Fn::And, Fn::Or, Fn::Not and Condition.
 * Whatever cannot be resolved is an error that names it: a half-resolved policy would be judged as another policy.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
 */

export type Bindings = {
  /** Values of parameters and pseudo parameters such as `AWS::AccountId`. */
  parameters: Readonly<Record<string, unknown>>
  /** Per logical id what `Ref` and each attribute give. */
  resources: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  /** The template's Conditions, unresolved. */
  conditions?: Readonly<Record<string, unknown>>
}

export class UnresolvedError extends Error {
  override readonly name = 'UnresolvedError'
  readonly retryable = false
  readonly reference: string

  constructor(reference: string, problem: string) {
    super(`${reference} ${problem}`)
    this.reference = reference
  }
}

const nothing = Symbol('AWS::NoValue')

/** The value with every intrinsic in it resolved. `Ref: AWS::NoValue` takes the property or list item away. */
export function resolve(value: unknown, surroundings: Bindings): unknown {
  const resolved = visit(value, surroundings)
  return resolved === nothing ? undefined : resolved
}

function visit(value: unknown, where: Bindings): unknown {
  if (Array.isArray(value)) return value.map((item) => visit(item, where)).filter((item) => item !== nothing)
  if (!isObject(value)) return value
  const entries = Object.entries(value)
  const [only] = entries
  if (entries.length === 1 && only !== undefined && /^(Ref|Condition|Fn::\w+)$/.test(only[0])) {
    // An IAM statement's `Condition` holds an object; the intrinsic holds the name of a condition.
    if (only[0] !== 'Condition' || typeof only[1] === 'string') return call(only[0], only[1], where)
  }
  const kept = entries.map(([key, item]) => [key, visit(item, where)] as const).filter(([, item]) => item !== nothing)
  return Object.fromEntries(kept)
}

function call(name: string, argument: unknown, where: Bindings): unknown {
  switch (name) {
    case 'Ref':
      return reference(text(argument, name), where)
    case 'Fn::GetAtt':
      return attribute(
        Array.isArray(argument) ? argument.map((part) => text(part, name)).join('.') : text(argument, name),
        where,
      )
    case 'Fn::Sub':
      return substitute(argument, where)
    case 'Fn::Join': {
      const [separator, items] = list(argument, name)
      return list(visit(items, where), name)
        .map((item) => text(item, name))
        .join(text(separator, name))
    }
    case 'Fn::Split': {
      const [separator, source] = list(argument, name)
      return text(visit(source, where), name).split(text(separator, name))
    }
    case 'Fn::Select': {
      const [index, items] = list(argument, name)
      const at = Number(visit(index, where))
      const chosen = list(visit(items, where), name)
      if (!(at in chosen)) throw new UnresolvedError(name, `has no item ${at}`)
      return chosen[at]
    }
    case 'Fn::If': {
      const [condition, yes, no] = list(argument, name)
      return visit(truth(call('Condition', condition, where), name) ? yes : no, where)
    }
    case 'Fn::Equals': {
      const [left, right] = list(visit(argument, where), name)
      return text(left, name) === text(right, name)
    }
    case 'Fn::And':
      return list(visit(argument, where), name).every((item) => truth(item, name))
    case 'Fn::Or':
      return list(visit(argument, where), name).some((item) => truth(item, name))
    case 'Fn::Not':
      return !truth(list(visit(argument, where), name)[0], name)
    case 'Condition': {
      const condition = text(argument, name)
      if (!owns(where.conditions ?? {}, condition))
        throw new UnresolvedError(`Condition ${condition}`, 'is not defined')
      return visit(where.conditions?.[condition], where)
    }
    default:
      throw new UnresolvedError(name, 'is not supported')
  }
}

function reference(id: string, where: Bindings): unknown {
  if (id === 'AWS::NoValue') return nothing
  if (owns(where.parameters, id)) return where.parameters[id]
  if (owns(where.resources, id)) return attributeOf(id, 'Ref', where)
  throw new UnresolvedError(`Ref ${id}`, 'is neither a parameter nor a resource')
}

function attribute(path: string, where: Bindings): unknown {
  const dot = path.indexOf('.')
  return attributeOf(path.slice(0, dot === -1 ? undefined : dot), dot === -1 ? '' : path.slice(dot + 1), where)
}

function attributeOf(id: string, name: string, where: Bindings): unknown {
  const resource = owns(where.resources, id) ? where.resources[id] : undefined
  if (resource === undefined || !owns(resource, name))
    throw new UnresolvedError(`Fn::GetAtt ${id}.${name}`, 'is not known')
  return resource[name]
}

function substitute(argument: unknown, where: Bindings): string {
  const [template, own] = Array.isArray(argument) ? argument : [argument, {}]
  const variables = isObject(own) ? own : {}
  return text(template, 'Fn::Sub').replace(/\$\{([^}]*)\}/g, (_, inner: string) => {
    const name = inner.trim()
    if (name.startsWith('!')) return `\${${name.slice(1)}}`
    if (owns(variables, name)) return text(visit(variables[name], where), `Fn::Sub ${name}`)
    const value = name.includes('.') ? attribute(name, where) : reference(name, where)
    return text(value, `Fn::Sub ${name}`)
  })
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null
const owns = (record: object, key: string) => Object.hasOwn(record, key)

function text(value: unknown, name: string): string {
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  throw new UnresolvedError(name, 'needs a text')
}

function list(value: unknown, name: string): unknown[] {
  if (Array.isArray(value)) return value
  throw new UnresolvedError(name, 'needs a list')
}

function truth(value: unknown, name: string): boolean {
  if (typeof value === 'boolean') return value
  throw new UnresolvedError(name, 'needs a condition')
}
