/** Connections: can Sesame do its work in this account? The last proof as a checklist, the failed step with the text to paste. */
import * as v from 'valibot'
import { CheckupAnswer, StepAnswer } from '../../operations/answers.ts'
import type { Connection } from '../../projects/connection.ts'
import { nextProofAt } from '../../projects/proof-schedule.ts'
import type { Standing } from '../answers.ts'
import { DashboardProblem } from '../http.ts'
import type { AskFunction, DashboardStack } from '../stack.ts'
import type { ConnectionAnswer, ConnectionsAnswer } from '../stack-answers.ts'

type Deps = {
  readonly stack: Pick<DashboardStack, 'projects' | 'connections' | 'proofs' | 'changes'>
  readonly ask: AskFunction
  readonly now: () => Date
  /** Called after a proof, so that what was read before is read again. */
  readonly changed: () => void
}
type ShownProof = NonNullable<ConnectionAnswer['proof']>
type ShownStep = ShownProof['steps'][number]
type Row = ConnectionsAnswer['connections'][number]

const shownChanges = 10
/** Stands for the external id in a text to paste: the page never holds one. */
const placeholder = 'EXTERNAL-ID-OF-THIS-PROJECT'

const Report = v.array(v.looseObject(v.omit(StepAnswer, ['paste']).entries))

export function createConnectionScreens({ stack, ask, now, changed }: Deps) {
  /** Texts to paste of the proofs that this dashboard has made. A stored proof has none, because they hold external ids. */
  const pastes = new Map<string, ShownProof>()

  async function find(project: string): Promise<Connection> {
    const connection = await stack.connections.find(project)
    if (connection) return connection
    throw new DashboardProblem(
      404,
      `Project ${project} is not connected.`,
      `Connect it: sesame connect ${project} --account ID. If it sends from the account of Sesame itself, it needs no connection.`,
    )
  }

  async function storedProofOf(project: string): Promise<ShownProof | undefined> {
    for await (const { at, why, report } of stack.proofs.of(project)) {
      const steps = v.safeParse(Report, report)
      return {
        at: at.toISOString(),
        ...(why !== undefined && { why }),
        steps: steps.success ? steps.output.map(shownStepOf) : [],
      }
    }
    return undefined
  }

  async function lastChangesOf(project: string): Promise<ConnectionAnswer['changes']> {
    const changes = await Array.fromAsync(stack.changes.of(project))
    return changes
      .slice(-shownChanges)
      .reverse()
      .map(({ at, by, what }) => ({ at: at.toISOString(), by, what }))
  }

  return {
    async list(): Promise<ConnectionsAnswer> {
      const connections = (await stack.connections.all()).map(rowOf).sort(byUrgency)
      const quarantined = connections.filter(({ state }) => state === 'quarantined')
      const waiting = connections.filter(({ state }) => state === 'waiting')
      return {
        connections,
        standing:
          quarantined.length > 0
            ? 'critical'
            : connections.length === 0
              ? 'unknown'
              : waiting.length > 0
                ? 'warning'
                : 'good',
        sentence: sentenceOf(connections.length, quarantined, waiting),
      }
    },

    async show(project: string): Promise<ConnectionAnswer> {
      const connection = await find(project)
      const stored = await storedProofOf(project)
      const made = pastes.get(project)
      const proof = made && (!stored || made.at >= stored.at) ? made : stored
      return {
        connection: rowOf(connection),
        ...conclusionOf(connection, proof),
        ...(connection.roleArn !== undefined && { roleArn: connection.roleArn }),
        topics: connection.topics === 'ours' ? "Sesame's topics" : "a topic in the customer's account",
        features: [...connection.features],
        ...(connection.roleArn !== undefined && { nextProof: nextProofAt(project, now()).toISOString() }),
        ...(proof && { proof }),
        changes: await lastChangesOf(project),
      }
    },

    /** Proves the connection now, as sesame doctor does. */
    async prove(project: string): Promise<ConnectionAnswer> {
      const connection = await find(project)
      const { at, why, steps } = await ask('manage-connection', { do: 'prove', project }, CheckupAnswer)
      // A rotation may have added an id while the proof ran.
      const ids = [connection, await find(project)].flatMap(({ externalId, nextExternalId }) => [
        externalId,
        nextExternalId,
      ])
      pastes.set(project, {
        at,
        ...(why !== undefined && { why }),
        steps: steps.map((step) => shownStepOf(withoutIds(step, ids))),
      })
      changed()
      return this.show(project)
    },
  }
}

type ProvenStep = v.InferOutput<typeof StepAnswer>

function withoutIds({ paste, ...step }: ProvenStep, ids: readonly (string | undefined)[]): ProvenStep {
  const hide = (text: string) =>
    ids.reduce<string>((hidden, id) => (id ? hidden.replaceAll(id, placeholder) : hidden), text)
  return { ...step, step: hide(step.step), found: hide(step.found), ...(paste !== undefined && { paste: hide(paste) }) }
}

const shownStepOf = ({ step, verdict, layer, found, paste }: ProvenStep): ShownStep => ({
  step,
  verdict,
  layer,
  found,
  ...(paste !== undefined && verdict === 'failed' && { paste }),
})

const rowOf = ({ project, account, region, state, provenAt, checkedAt, quarantine }: Connection): Row => ({
  project,
  account,
  region,
  state,
  ...(provenAt && { provenAt: provenAt.toISOString() }),
  ...(checkedAt && { checkedAt: checkedAt.toISOString() }),
  ...(quarantine && { quarantine: { since: quarantine.since.toISOString(), why: quarantine.why } }),
})

const urgency = ['quarantined', 'waiting', 'proven', 'none'] as const
const byUrgency = (one: Row, other: Row) =>
  urgency.indexOf(one.state) - urgency.indexOf(other.state) || (one.project < other.project ? -1 : 1)

const namesOf = (rows: readonly Row[]) =>
  `${rows
    .slice(0, 3)
    .map(({ project }) => project)
    .join(', ')}${rows.length > 3 ? ` and ${rows.length - 3} more` : ''}`

function sentenceOf(count: number, quarantined: readonly Row[], waiting: readonly Row[]): string {
  if (count === 0) return 'No project is connected yet. Connect the first one: sesame connect NAME --account ID'
  if (quarantined.length > 0)
    return `Not in every account. Quarantined: ${namesOf(quarantined)}. Their bounces are still recorded; their account lists wait.`
  if (waiting.length > 0) return `In all accounts that are connected. Waiting for the customer: ${namesOf(waiting)}.`
  return count === 1 ? 'Yes. The connection is proven.' : `Yes. All ${count} connections are proven.`
}

/** `trust: the role can be …` → `The role can be … (trust).` */
function failureText(why = 'proof: the last proof failed'): string {
  const [, layer = 'proof', text = why] = /^([\w ]+): (.*)$/s.exec(why) ?? []
  return `${text.charAt(0).toUpperCase()}${text.slice(1)} (${layer}).`
}

function conclusionOf({ project, state, roleArn, quarantine }: Connection, proof: ShownProof | undefined) {
  const failed = proof?.steps.find(({ verdict }) => verdict === 'failed')
  const standing: Standing = state === 'quarantined' ? 'critical' : state === 'waiting' || failed ? 'warning' : 'good'
  if (state === 'quarantined')
    return {
      standing,
      sentence: `No. ${failureText(quarantine?.why)} Repair it as shown below, then check again. Until then, Sesame opens no session in the account.`,
    }
  if (state === 'waiting')
    return {
      standing,
      sentence:
        roleArn === undefined && proof === undefined
          ? `Not yet. The customer has not created the role. Send them what this prints: sesame connect ${project}`
          : 'Not yet. The role was refused: see the failed step below.',
    }
  if (failed) return { standing, sentence: `Yes, but something has drifted: ${failed.step}.` }
  return { standing, sentence: 'Yes. The last proof passed every step.' }
}
