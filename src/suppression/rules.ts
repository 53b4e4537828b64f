/**
 * Suppression rules: what a project's verdicts follow. Each has a default; a project's settings may hold others.
 */
import * as v from 'valibot'
import { softRetentionDays } from './stored-evidence.ts'

const wholeDays = (least: number, most: number) => v.pipe(v.number(), v.integer(), v.minValue(least), v.maxValue(most))

export const SuppressionRules = v.strictObject({
  /** A permanent bounce. */
  hardBounce: v.optional(v.picklist(['suppress', 'ignore']), 'suppress'),
  /** A bounce that SES calls transient or undetermined although its status is 5.1.x. */
  rejectedAddress: v.optional(v.picklist(['hard', 'soft']), 'hard'),
  /** A complaint that names this recipient alone. */
  complaint: v.optional(v.picklist(['suppress', 'ignore']), 'suppress'),
  /** A complaint that names several recipients of whom one complained: providers redact. */
  uncertainComplaint: v.optional(v.picklist(['suppress', 'ignore']), 'suppress'),
  /** Suppressed for `suppressForDays` after soft bounces on `onDays` different days (UTC) within `withinDays`; `ignore` for never. */
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
