/** The health of what a project's mail depends on: connection, proof, feed and roles, in words. Pure. */
import type { Use } from '../audit/uses.ts'
import type { Silence } from '../feeds/judge-feed.ts'
import { silenceText } from '../feeds/silence.ts'
import type { ConnectionState } from '../projects/connection-state.ts'
import type { Proof } from '../projects/proofs.ts'

export type HealthLine = {
  readonly of: 'connection' | 'proof' | 'feed' | 'role'
  readonly state: 'good' | 'warning' | 'critical'
  readonly text: string
}

export type Health = readonly HealthLine[]

type Facts = {
  readonly connection: ConnectionState | undefined
  /** `not read`: the reader may not read proofs. */
  readonly proof: Pick<Proof, 'at' | 'why'> | 'not read' | undefined
  readonly silence: Silence | undefined
  /** Uses of the customer's role in the period. Absent: not known to the reader. */
  readonly uses?: readonly Use[] | undefined
}

export function healthOf({ connection, proof, silence, uses }: Facts): Health {
  return [
    connectionLine(connection),
    ...(connection && proof !== 'not read' ? [proofLine(proof)] : []),
    ...(silence ? [{ of: 'feed', state: 'critical', text: silenceText(silence) } as const] : []),
    ...(uses ? [roleLine(uses)] : []),
  ]
}

function connectionLine(connection: ConnectionState | undefined): HealthLine {
  if (!connection)
    return { of: 'connection', state: 'good', text: 'not connected: the project sends from the account of Sesame' }
  const { account, state, quarantine } = connection
  const place = `account ${account}`
  if (quarantine)
    return {
      of: 'connection',
      state: 'critical',
      text: `${place}: quarantined since ${minuteOf(quarantine.since)}: ${quarantine.why}`,
    }
  if (state === 'waiting')
    return { of: 'connection', state: 'warning', text: `${place}: waits for the customer to create the role` }
  return { of: 'connection', state: 'good', text: `${place}: proven` }
}

function proofLine(proof: Pick<Proof, 'at' | 'why'> | undefined): HealthLine {
  if (!proof) return { of: 'proof', state: 'warning', text: 'there is no proof yet' }
  const at = `last proof ${minuteOf(proof.at)}`
  return proof.why === undefined
    ? { of: 'proof', state: 'good', text: `${at}: passed` }
    : { of: 'proof', state: 'critical', text: `${at}: ${proof.why}` }
}

function roleLine(uses: readonly Use[]): HealthLine {
  const unexpected = uses.filter(({ verdict }) => verdict === 'unexpected').length
  const refused = uses.filter(({ refused: code }) => code !== undefined).length
  const text = `the customer's role was used ${uses.length} times, refused ${refused} times`
  return unexpected === 0
    ? { of: 'role', state: 'good', text: `${text}, never unexpectedly` }
    : {
        of: 'role',
        state: 'critical',
        text: `${text}, ${unexpected} times unexpectedly: sesame roles usage says by whom`,
      }
}

const minuteOf = (time: Date) => `${time.toISOString().slice(0, 16).replace('T', ' ')} UTC`
