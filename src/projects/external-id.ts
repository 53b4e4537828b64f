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

/** @throws ExternalIdGivenError if the name of any field, at any depth, contains "external id" in any spelling */
export function refuseGivenExternalId(request: unknown, path = ''): void {
  if (typeof request !== 'object' || request === null) return
  for (const [name, value] of Object.entries(request)) {
    const field = path ? `${path}.${name}` : name
    if (/external.?id/i.test(name)) throw new ExternalIdGivenError(field)
    refuseGivenExternalId(value, field)
  }
}
