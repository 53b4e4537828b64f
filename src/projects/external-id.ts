/**
 * External ids: what keeps one customer from having us enter another's account (the confused deputy).
 *
 * Ours to make, never theirs to choose: an id that somebody could choose could be another project's.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
 */
import { randomBytes } from 'node:crypto'

/** 128 random bits as 32 hexadecimal digits: plain in templates, shells and links. */
export const newExternalId = (): string => randomBytes(16).toString('hex')

/** A request that brings an external id of its own. */
export class ExternalIdGivenError extends Error {
  override readonly name = 'ExternalIdGivenError'
  readonly retryable = false
  readonly field: string

  constructor(field: string) {
    super(`${field} is never taken from a request: Sesame makes the external id. Leave it out`)
    this.field = field
  }
}

/** @throws ExternalIdGivenError if anything in it is called an external id, however it is written */
export function refuseGivenExternalId(request: unknown, path = ''): void {
  if (typeof request !== 'object' || request === null) return
  for (const [name, value] of Object.entries(request)) {
    const field = path ? `${path}.${name}` : name
    if (/external.?id/i.test(name)) throw new ExternalIdGivenError(field)
    refuseGivenExternalId(value, field)
  }
}
