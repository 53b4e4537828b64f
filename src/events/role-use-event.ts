/**
 * `Unexpected Role Use`: an alarm of the audit.
 *
 * It does not say who used the role, because a session is often named after a person's e-mail address. The table of role uses does:
 * `sesame roles usage ROLE`.
 */
import * as v from 'valibot'

export const UnexpectedRoleUse = v.pipe(
  v.strictObject({
    id: v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/), v.description('The same each time the same event is published')),
    role: v.pipe(v.string(), v.description("Name of our role file, or ARN of a customer's role")),
    at: v.pipe(
      v.string(),
      v.isoTimestamp(),
      v.description('Time of the call; of repeated refusals, start of the ten minutes'),
    ),
    why: v.pipe(v.string(), v.description('What is unexpected about it')),
    refused: v.optional(v.pipe(v.string(), v.description("AWS's error code, if the call was refused"))),
    project: v.optional(v.pipe(v.string(), v.description('Id of the project that the session was for, if known'))),
    purpose: v.optional(v.pipe(v.string(), v.description('Purpose of the session, if known'))),
  }),
  v.description(
    "A role was assumed in a way that the deployment does not account for: one of ours, or a customer's by us. Also sent when a role was refused to one caller five times within ten minutes, and when a role could be assumed with a wrong external id.",
  ),
)

type Facts = {
  readonly role: string
  readonly at: Date
  readonly why?: string | undefined
  readonly refused?: string | undefined
  readonly project?: string | undefined
  readonly purpose?: string | undefined
}

/** @param id the same for each repetition of the event */
export const roleUseEventOf = (id: string, { role, at, why = 'unexpected', refused, project, purpose }: Facts) =>
  ({
    type: 'Unexpected Role Use',
    at,
    detail: { id, role, at: at.toISOString(), why, refused, project, purpose },
  }) as const
