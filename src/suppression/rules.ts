/**
 * Suppression rules of a project. Each has a default, which the project's settings can override.
 */
import * as v from 'valibot'
import { softRetentionDays } from './stored-evidence.ts'

const wholeDays = (min: number, max: number) => v.pipe(v.number(), v.integer(), v.minValue(min), v.maxValue(max))

export const SuppressionRules = v.strictObject({
  /** A permanent bounce. */
  hardBounce: v.optional(v.picklist(['suppress', 'ignore']), 'suppress'),
  /** A bounce that SES calls transient or undetermined although its status is 5.1.x. */
  rejectedAddress: v.optional(v.picklist(['hard', 'soft']), 'hard'),
  /** A complaint that names this recipient alone. */
  complaint: v.optional(v.picklist(['suppress', 'ignore']), 'suppress'),
  /** A complaint that names several recipients, of whom one complained: the provider hides which. */
  uncertainComplaint: v.optional(v.picklist(['suppress', 'ignore']), 'suppress'),
  /** Suppresses for `suppressForDays` after soft bounces on `onDays` different days (UTC) within `withinDays`. `ignore`: never. */
  softBounces: v.optional(
    v.union([
      v.literal('ignore'),
      v.pipe(
        v.strictObject({ onDays: wholeDays(1, 30), withinDays: wholeDays(1, 60), suppressForDays: wholeDays(1, 89) }),
        v.check(({ onDays, withinDays }) => onDays <= withinDays, 'onDays cannot exceed withinDays'),
        v.check(
          ({ withinDays, suppressForDays }) => withinDays + suppressForDays <= softRetentionDays,
          `withinDays and suppressForDays cannot exceed ${softRetentionDays} together: soft bounces are kept no longer`,
        ),
      ),
    ]),
    { onDays: 3, withinDays: 14, suppressForDays: 30 },
  ),
})

export type SuppressionRules = v.InferOutput<typeof SuppressionRules>

export const defaultRules: SuppressionRules = v.parse(SuppressionRules, {})
