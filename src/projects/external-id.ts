/**
 * External ids. They prevent the confused deputy problem: a customer cannot use Sesame to access the account of another.
 *
 * Sesame makes every external id and never accepts one as input, because a customer could choose the id of another project.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
 */
import { randomBytes } from 'node:crypto'

/** 128 random bits as 32 hexadecimal digits, which need no quoting in templates, shells and links. */
export const newExternalId = (): string => randomBytes(16).toString('hex')

/** A request contains an external id. */
export class ExternalIdGivenError extends Error {
  override readonly name = 'ExternalIdGivenError'
  readonly retryable = false
  readonly field: string

  constructor(field: string) {
    super(`${field} is never accepted as input: Sesame makes the external id. Leave the field out`)
    this.field = field
  }
}

/** A request is nested more deeply than any request of an operation. */
class RequestTooDeepError extends Error {
  override readonly name = 'RequestTooDeepError'
  readonly retryable = false
  readonly maxDepth = maxDepth

  constructor() {
    super(`The request is nested more than ${maxDepth} levels deep. Pass the fields of the operation only`)
  }
}

const maxDepth = 32

/**
 * @throws ExternalIdGivenError if the name of any field, at any depth, contains "external id" in any spelling
 * @throws RequestTooDeepError
 */
export function refuseGivenExternalId(request: unknown): void {
  let level: readonly (readonly [path: string, value: unknown])[] = [['', request]]
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > maxDepth) throw new RequestTooDeepError()
    level = level.flatMap(([path, value]) => fieldsOf(value).map(([name, inner]) => checked(path, name, inner)))
  }
}

const fieldsOf = (value: unknown): [string, unknown][] =>
  typeof value === 'object' && value !== null ? Object.entries(value) : []

function checked(path: string, name: string, value: unknown): readonly [path: string, value: unknown] {
  const field = path ? `${path}.${name}` : name
  if (/external.?id/i.test(name)) throw new ExternalIdGivenError(field)
  return [field, value]
}
