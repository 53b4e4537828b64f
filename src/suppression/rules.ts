/**
 * Suppression rules of a project. Each has a default, which the project's settings can override. docs/suppression.md explains them.
 */
import * as v from 'valibot'
import { softRetentionDays } from './retention.ts'

const wholeDays = (min: number, max: number) => v.pipe(v.number(), v.integer(), v.minValue(min), v.maxValue(max))

const SoftBounces = v.pipe(
  v.strictObject({ onDays: wholeDays(1, 30), withinDays: wholeDays(1, 60), suppressForDays: wholeDays(1, 89) }),
  v.check(({ onDays, withinDays }) => onDays <= withinDays, 'onDays cannot exceed withinDays'),
  v.check(
    ({ withinDays, suppressForDays }) => withinDays + suppressForDays <= softRetentionDays,
    `withinDays and suppressForDays cannot exceed ${softRetentionDays} together: soft bounces are kept no longer`,
  ),
)
const SoftBouncesOrIgnore = v.union([v.literal('ignore'), SoftBounces])

/** An object is checked as such, so that the error names the field that is missing or wrong and not both alternatives. */
const softBouncesSchema = (input: unknown) =>
  typeof input === 'object' && input !== null ? SoftBounces : SoftBouncesOrIgnore

export const SuppressionRules = v.strictObject({
  /** A permanent bounce. */
  hardBounce: v.optional(v.picklist(['suppress', 'ignore']), 'suppress'),
  /** A bounce that SES calls transient or undetermined although its code or reply says that the address is bad. `soft`: it counts as a soft bounce. */
  rejectedAddress: v.optional(v.picklist(['hard', 'soft']), 'hard'),
  /** SES's global list has the address: it bounced for some customer of SES. `soft`: it counts as a soft bounce. */
  globalList: v.optional(v.picklist(['hard', 'soft', 'ignore']), 'hard'),
  /** A permanent or transient refusal because of the sender, its reputation or rate, or a policy of the receiver. */
  blocked: v.optional(v.picklist(['suppress', 'ignore']), 'ignore'),
  /** SES sent nothing, because its validation expects a bounce. */
  validation: v.optional(v.picklist(['suppress', 'ignore']), 'ignore'),
  /** A complaint that names this recipient alone. */
  complaint: v.optional(v.picklist(['suppress', 'ignore']), 'suppress'),
  /** A complaint that names several recipients, of whom one complained: the provider hides which. */
  uncertainComplaint: v.optional(v.picklist(['suppress', 'ignore']), 'suppress'),
  /** A report of a machine, about a virus or failed authentication. `suppress`: like a complaint. */
  machineReport: v.optional(v.picklist(['suppress', 'ignore']), 'ignore'),
  /** Suppresses for `suppressForDays` after soft bounces on `onDays` different days (UTC) within `withinDays`. `ignore`: never. */
  softBounces: v.optional(v.lazy(softBouncesSchema), { onDays: 3, withinDays: 14, suppressForDays: 30 }),
})

export type SuppressionRules = v.InferOutput<typeof SuppressionRules>

export const defaultRules: SuppressionRules = v.parse(SuppressionRules, {})
