/** What people and applications do in one run: acts with their times, drawn from the seed before the run begins. */
import type { Behaviour } from '../ses/mailboxes.ts'
import type { Profile } from './profile.ts'
import { createRandom, type Random } from './random.ts'

/** The customers of a run. Their accounts send to the same readers, so that a mix-up of projects shows. */
export const parties = [
  { project: 'acme', account: '111122223333' },
  { project: 'globex', account: '444455556666' },
] as const
export type Party = (typeof parties)[number]

export const domainOf = ({ project }: Party): string => `${project}.example`
export const configurationSetOf = ({ project }: Party): string => `sesame-${project}`

export type Act = { readonly id: number; readonly atMs: number; readonly party: Party } & (
  | { readonly kind: 'mail by the customer'; readonly to: readonly string[] }
  | { readonly kind: 'mail by the API'; readonly to: readonly string[] }
  | { readonly kind: 'suppress' | 'reinstate'; readonly address: string }
  | { readonly kind: 'owner lists' | 'owner lifts' | 'role removed'; readonly forMs: number; readonly address: string }
  | { readonly kind: 'items expire' }
)

const minuteMs = 60_000
/** Faults and acts happen in this time. */
export const troubledMs = 2 * 60 * minuteMs

const behaviours: readonly [string, Behaviour][] = [
  ['ada', 'delivery'],
  ['bob', 'delivery'],
  ['eve', 'delivery'],
  ['gone', 'hard bounce'],
  ['dead', 'hard bounce'],
  ['full', 'mailbox full'],
  ['angry', 'complaint'],
  ['upset', 'complaint'],
  ['kind', 'not spam'],
  ['away', 'out of office'],
  ['slow', 'delayed'],
]

/** Address → what its mailbox does. */
export const mailboxes: ReadonlyMap<string, Behaviour> = new Map(
  behaviours.map(([name, behaviour]) => [`${name}@reader.example`, behaviour]),
)
const addresses = [...mailboxes.keys()]

export function planOf(seed: string, profile: Profile): readonly Act[] {
  const random = createRandom(`${seed}/plan`)
  const count = 8 + random.below(14)
  return Array.from({ length: count }, (_, id) => actOf(id, profile, random)).sort((a, b) => a.atMs - b.atMs)
}

function actOf(id: number, profile: Profile, random: Random): Act {
  // Half of the acts come in a burst, so that they overlap.
  const atMs = Math.floor(random.chance(0.5) ? random.fraction() * 3 * minuteMs : random.fraction() * troubledMs)
  const party = random.pick(parties)
  const common = { id, atMs, party }
  const address = random.pick(addresses)
  const roll = random.fraction()
  if (roll < 0.3) return { ...common, kind: 'mail by the customer', to: someOf(random) }
  if (roll < 0.6) return { ...common, kind: 'mail by the API', to: someOf(random) }
  if (roll < 0.72) return { ...common, kind: 'suppress', address }
  if (roll < 0.86 || !profile.customersInterfere) {
    return roll < 0.88 ? { ...common, kind: 'reinstate', address } : { ...common, kind: 'items expire' }
  }
  const forMs = (1 + random.below(60)) * minuteMs
  return { ...common, kind: random.pick(['owner lists', 'owner lifts', 'role removed'] as const), address, forMs }
}

const someOf = (random: Random): readonly string[] => [
  ...new Set(Array.from({ length: 1 + random.below(3) }, () => random.pick(addresses))),
]
