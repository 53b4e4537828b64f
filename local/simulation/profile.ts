/**
 * What can go wrong in one run: each seed enables a random part of the faults, each with a probability of its own. A run with all faults at once
 * would hide what only some of them reveal.
 */
import { createRandom, type Random } from './random.ts'

/** What may happen to one call between its caller and the service. */
export const faultKinds = [
  /** The service refuses the rate. */
  'throttled',
  /** A server error, and the call had no effect. */
  'failed',
  /** A server error, and the call took effect. */
  'failed after the effect',
  /** No answer, and the call had no effect. */
  'no answer',
  /** No answer, and the call took effect. */
  'answer lost',
  /** The answer comes after so long that the function may be stopped before. */
  'slow',
  /** The session is rejected as expired or revoked. */
  'session rejected',
  /** The account of the customer refuses the call. */
  'refused',
] as const
export type FaultKind = (typeof faultKinds)[number]

/** What may happen to a delivery by SNS, SQS, a stream or EventBridge. */
export const deliveryFaultKinds = ['late', 'twice', 'unreachable', 'split', 'poll fails'] as const
export type DeliveryFaultKind = (typeof deliveryFaultKinds)[number]

/** A service that fails every call for some time. */
export type Outage = { readonly service: string; readonly fromMs: number; readonly toMs: number }

export type Profile = {
  readonly outages: readonly Outage[]
  readonly calls: Readonly<Partial<Record<FaultKind, number>>>
  readonly deliveries: Readonly<Partial<Record<DeliveryFaultKind, number>>>
  /** Whether calls take time, so that functions interleave. */
  readonly hasLatency: boolean
  /** The probability that an invocation is killed after some of its calls. */
  readonly kills: number
  /** How far the clocks of functions are off at most. */
  readonly clockErrorMs: number
  /** Longer than the run in those that leave the audit out: it records every session, which is much. */
  readonly cloudTrailDelayMs: number
  /** Whether SES puts addresses on the account list by itself. */
  readonly sesLists: boolean
  /** Whether the projects count their mail. */
  readonly counts: boolean
  /** Whether customers remove and restore their roles, and change their account lists. */
  readonly customersInterfere: boolean
  /** Sandboxes of one function at the same time. */
  readonly concurrency: number
}

const probabilities = [0.01, 0.03, 0.1, 0.3]

export function profileOf(seed: string): Profile {
  const random = createRandom(`${seed}/profile`)
  const some = <Kind extends string>(kinds: readonly Kind[]): Partial<Record<Kind, number>> => {
    const chosen: Partial<Record<Kind, number>> = {}
    for (const kind of kinds) if (random.chance(0.4)) chosen[kind] = random.pick(probabilities)
    return chosen
  }
  return {
    outages: random.chance(0.35) ? [outageOf(random)] : [],
    calls: some(faultKinds),
    deliveries: some(deliveryFaultKinds),
    hasLatency: random.chance(0.8),
    kills: random.chance(0.5) ? random.pick([0.05, 0.3]) : 0,
    clockErrorMs: random.chance(0.4) ? random.pick([5_000, 60_000, 14 * 60_000]) : 0,
    cloudTrailDelayMs: random.chance(0.25) ? random.pick([1, 60_000, 15 * 60_000]) : 400 * 86_400_000,
    sesLists: random.chance(0.5),
    counts: random.chance(0.5),
    customersInterfere: random.chance(0.5),
    concurrency: random.pick([1, 1, 3]),
  }
}

/** Most outages meet the burst of acts at the beginning. */
function outageOf(random: Random): Outage {
  const fromMs = random.below(random.chance(0.7) ? 120_000 : 2 * 3_600_000)
  return {
    service: random.pick(['dynamodb', 'dynamodb', 'ses', 'sqs', 'events', 'sts']),
    fromMs,
    toMs: fromMs + random.pick([20_000, 120_000, 20 * 60_000]),
  }
}
