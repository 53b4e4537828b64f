/**
 * Rates of bounces and complaints, each with both of its numbers. Pure.
 *
 * Both numbers are recipients. There is no rate below a minimum of recipients: a single bounce would exceed AWS's limits.
 * https://docs.aws.amazon.com/ses/latest/dg/faqs-enforcement.html
 */
import { type Counts, recipientsOf, type Volume, volumeOfCounts } from './counts.ts'

export type Rate = {
  readonly events: number
  /** Recipients to whom SES sent. */
  readonly recipients: number
  /** `undefined` if too few were sent for a rate to mean anything. */
  readonly rate: number | undefined
}

export const rateKinds = ['bounces', 'complaints'] as const
export type RateKind = (typeof rateKinds)[number]

export type Rates = Readonly<Record<RateKind, Rate>>

export const minimumRecipients = 1_000

/** Hard bounces and complaints per recipient. */
/** @param minimum of recipients for a rate */
export function ratesOfVolume(volume: Volume, minimum = minimumRecipients): Rates {
  const recipients = recipientsOf(volume)
  const rateOf = (events: number): Rate => ({
    events,
    recipients,
    rate: recipients < minimum ? undefined : events / recipients,
  })
  return { bounces: rateOf(volume.bounces), complaints: rateOf(volume.complaints) }
}

export const ratesOf = (counts: Counts): Rates => ratesOfVolume(volumeOfCounts(counts))
