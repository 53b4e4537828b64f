/**
 * Resolves CloudFormation intrinsic functions, so that role files and policies can be evaluated as CloudFormation deploys them.
 *
 * Supports Ref, Fn::GetAtt, Fn::Sub, Fn::Join, Fn::Split, Fn::Select, Fn::If, Fn::Equals, Fn::And, Fn::Or, Fn::Not and Condition.
 * A reference that cannot be resolved is an error that names it, because a partly resolved policy would be evaluated as a different policy.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
 */

export type Bindings = {
  /** Values of parameters and pseudo parameters such as `AWS::AccountId`. */
  parameters: Readonly<Record<string, unknown>>
  /** Logical id → the values of `Ref` and of each attribute. */
  resources: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  /** The template's Conditions, unresolved. */
  conditions?: Readonly<Record<string, unknown>>
}

/** A reference, variable or intrinsic function that cannot be resolved. */
export class UnresolvedError extends Error {
  override readonly name = 'UnresolvedError'
  readonly retryable = false
  readonly reference: string

  constructor(reference: string, problem: string) {
    super(`${reference} ${problem}`)
    this.reference = reference
  }
}

const noValue = Symbol('AWS::NoValue')

/**
 * Resolves all intrinsic functions in a value. `Ref: AWS::NoValue` removes the property or list item.
 * @throws UnresolvedError
 */
export function resolve(value: unknown, bindings: Bindings): unknown {
  const resolved = visit(value, bindings)
  return resolved === noValue ? undefined : resolved
}

function visit(value: unknown, bindings: Bindings): unknown {
  if (Array.isArray(value)) return value.map((item) => visit(item, bindings)).filter((item) => item !== noValue)
  if (!isObject(value)) return value
  const entries = Object.entries(value)
  const [only] = entries
  if (entries.length === 1 && only !== undefined && /^(Ref|Condition|Fn::\w+)$/.test(only[0])) {
    // The `Condition` of an IAM statement is an object. The intrinsic function `Condition` has the name of a condition.
    if (only[0] !== 'Condition' || typeof only[1] === 'string') return call(only[0], only[1], bindings)
  }
  const kept = entries
    .map(([key, item]) => [key, visit(item, bindings)] as const)
    .filter(([, item]) => item !== noValue)
  return Object.fromEntries(kept)
}

function call(name: string, argument: unknown, bindings: Bindings): unknown {
  switch (name) {
    case 'Ref':
      return reference(text(argument, name), bindings)
    case 'Fn::GetAtt':
      return attribute(
        Array.isArray(argument) ? argument.map((part) => text(part, name)).join('.') : text(argument, name),
        bindings,
      )
    case 'Fn::Sub':
      return substitute(argument, bindings)
    case 'Fn::Join': {
      const [separator, items] = list(argument, name)
      return list(visit(items, bindings), name)
        .map((item) => text(item, name))
        .join(text(separator, name))
    }
    case 'Fn::Split': {
      const [separator, source] = list(argument, name)
      return text(visit(source, bindings), name).split(text(separator, name))
    }
    case 'Fn::Select': {
      const [index, items] = list(argument, name)
      const at = Number(visit(index, bindings))
      const chosen = list(visit(items, bindings), name)
      if (!(at in chosen)) throw new UnresolvedError(name, `has no item ${at}`)
      return chosen[at]
    }
    case 'Fn::If': {
      const [condition, yes, no] = list(argument, name)
      return visit(truth(call('Condition', condition, bindings), name) ? yes : no, bindings)
    }
    case 'Fn::Equals': {
      const [left, right] = list(visit(argument, bindings), name)
      return text(left, name) === text(right, name)
    }
    case 'Fn::And':
      return list(visit(argument, bindings), name).every((item) => truth(item, name))
    case 'Fn::Or':
      return list(visit(argument, bindings), name).some((item) => truth(item, name))
    case 'Fn::Not':
      return !truth(list(visit(argument, bindings), name)[0], name)
    case 'Condition': {
      const condition = text(argument, name)
      if (!hasKey(bindings.conditions ?? {}, condition))
        throw new UnresolvedError(`Condition ${condition}`, 'is not defined')
      return visit(bindings.conditions?.[condition], bindings)
    }
    default:
      throw new UnresolvedError(name, 'is not supported')
  }
}

function reference(id: string, bindings: Bindings): unknown {
  if (id === 'AWS::NoValue') return noValue
  if (hasKey(bindings.parameters, id)) return bindings.parameters[id]
  if (hasKey(bindings.resources, id)) return attributeOf(id, 'Ref', bindings)
  throw new UnresolvedError(`Ref ${id}`, 'is neither a parameter nor a resource')
}

function attribute(path: string, bindings: Bindings): unknown {
  const dot = path.indexOf('.')
  return attributeOf(path.slice(0, dot === -1 ? undefined : dot), dot === -1 ? '' : path.slice(dot + 1), bindings)
}

function attributeOf(id: string, name: string, bindings: Bindings): unknown {
  const resource = hasKey(bindings.resources, id) ? bindings.resources[id] : undefined
  if (resource === undefined || !hasKey(resource, name))
    throw new UnresolvedError(`Fn::GetAtt ${id}.${name}`, 'is not known')
  return resource[name]
}

function substitute(argument: unknown, bindings: Bindings): string {
  const [template, own] = Array.isArray(argument) ? argument : [argument, {}]
  const variables = isObject(own) ? own : {}
  return text(template, 'Fn::Sub').replace(/\$\{([^}]*)\}/g, (_, inner: string) => {
    const name = inner.trim()
    if (name.startsWith('!')) return `\${${name.slice(1)}}`
    if (hasKey(variables, name)) return text(visit(variables[name], bindings), `Fn::Sub ${name}`)
    const value = name.includes('.') ? attribute(name, bindings) : reference(name, bindings)
    return text(value, `Fn::Sub ${name}`)
  })
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null
const hasKey = (record: object, key: string) => Object.hasOwn(record, key)

function text(value: unknown, name: string): string {
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  throw new UnresolvedError(name, 'needs a string')
}

function list(value: unknown, name: string): unknown[] {
  if (Array.isArray(value)) return value
  throw new UnresolvedError(name, 'needs a list')
}

function truth(value: unknown, name: string): boolean {
  if (typeof value === 'boolean') return value
  throw new UnresolvedError(name, 'needs a condition')
}
