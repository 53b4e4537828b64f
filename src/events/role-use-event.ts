/**
 * Composes `Unexpected Role Use`, the alarm of the audit.
 *
 * The event does not say who used the role, because a session is often named after a person's e-mail address. The table of role uses does:
 * `sesame roles usage ROLE`.
 */
import type { DomainEvent } from './domain-events.ts'

type UnexpectedUse = {
  readonly role: string
  readonly at: Date
  readonly why?: string | undefined
  readonly refused?: string | undefined
  readonly project?: string | undefined
  readonly purpose?: string | undefined
}

/** @param id the same for each repetition of the event */
export const roleUseEventOf = (
  id: string,
  { role, at, why = 'unexpected', refused, project, purpose }: UnexpectedUse,
): DomainEvent => ({
  type: 'Unexpected Role Use',
  at,
  detail: { id, role, at: at.toISOString(), why, refused, project, purpose },
})
