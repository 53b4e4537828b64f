/** How long soft bounces are kept. Apart from the stored form of evidence, so that settings can be read without it. */

/** Days for which a soft bounce is kept after the end of its week. Rules cannot require more: see rules.ts. */
export const softRetentionDays = 90
