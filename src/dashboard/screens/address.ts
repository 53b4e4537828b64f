/** Address: may I mail this person? The verdict, the evidence in order of time, the rulings; and two actions. */
import * as v from 'valibot'
import { maskedOf } from '../../intake/masked-address.ts'
import type { Project } from '../../projects/project.ts'
import { judge, type Verdict } from '../../suppression/judge.ts'
import { recordOf, rulingsOf } from '../../suppression/read-list.ts'
import type { AddressAnswer } from '../address-answers.ts'
import { canCount, codeOf, evidenceWords } from '../evidence-words.ts'
import { DashboardProblem, type DashboardRequest, readBody } from '../http.ts'
import { maskedText, type References } from '../references.ts'
import type { DashboardStack } from '../stack.ts'

type Deps = {
  readonly stack: Pick<DashboardStack, 'projects' | 'connections' | 'list' | 'rulings'>
  readonly references: References
  readonly now: () => Date
  readonly by: string
  /** Called after a ruling, so that what was read before is read again. */
  readonly changed: () => void
}

const Reason = v.pipe(
  v.string(),
  v.trim(),
  v.minLength(1, 'must not be empty'),
  v.maxLength(200, 'must be 200 characters at most'),
)
const Ruling = v.strictObject({ decision: v.picklist(['suppress', 'reinstate']), why: Reason })

export function createAddressScreen({ stack, references, now, by, changed }: Deps) {
  async function projectOf(id: string): Promise<Project> {
    const project = await stack.projects.find(id)
    if (project) return project
    throw new DashboardProblem(404, `There is no project ${id} any more.`, 'Search for the address again.')
  }

  return {
    async show(ref: string): Promise<AddressAnswer> {
      const { project: id, address } = references.read(ref)
      const [project, connection, items] = await Promise.all([
        projectOf(id),
        stack.connections.find(id),
        stack.list.itemsOf(id, address),
      ])
      const verdict = judge(recordOf(items), project.rules, now())
      const evidence = verdict.evidence.map((one) => ({
        at: one.at.toISOString(),
        kind: 'evidence' as const,
        text: evidenceWords(one),
        code: maskedText(codeOf(one)),
        counts: canCount(one),
      }))
      const rulings = rulingsOf(items).map(({ at, decision, by: who, why }) => ({
        at: at.toISOString(),
        kind: 'ruling' as const,
        text:
          decision === 'suppress'
            ? 'Suppressed by a person or an import.'
            : 'Reinstated: older evidence no longer counts.',
        counts: true,
        by: who,
        why: maskedText(why),
      }))
      return {
        project: id,
        ref,
        masked: maskedOf(address),
        ...verdictAnswerOf(id, verdict),
        entries: [...evidence, ...rulings].sort((one, other) => (one.at < other.at ? 1 : -1)),
        effects: effectsOf(id, connection?.state === 'proven' && connection.features.includes('suppression')),
      }
    },

    reveal: (ref: string) => ({ address: references.read(ref).address }),

    /** Idempotent as a ruling is: the latest one of each kind stands. */
    async rule(ref: string, request: DashboardRequest) {
      const { project, address } = references.read(ref)
      const { decision, why } = readBody(Ruling, request)
      // The read gives the server's clock, by which a ruling is dated.
      await projectOf(project)
      const at = stack.rulings.serverTime(now())
      const outcome = await stack.rulings[decision](project, address, { at, by, why })
      changed()
      return { outcome }
    },
  }
}

function verdictAnswerOf(project: string, verdict: Verdict) {
  if (verdict.state === 'clear')
    return {
      state: 'clear' as const,
      uncertain: false,
      sentence:
        verdict.evidence.length === 0
          ? `Yes. ${project} may mail this address: there is no evidence against it.`
          : `Yes. ${project} may mail this address: what is known does not suppress it.`,
    }
  const { reason, since, until, uncertain } = verdict
  const ends = until ? 'It ends by itself.' : 'It lasts until somebody reinstates the address.'
  const doubt = uncertain ? ' It is uncertain: the complaint names several recipients.' : ''
  return {
    state: 'suppressed' as const,
    reason,
    since: since.toISOString(),
    ...(until && { until: until.toISOString() }),
    uncertain,
    sentence: `No. The address is suppressed in ${project}: ${reasonWords[reason]}. ${ends}${doubt}`,
  }
}

const reasonWords = {
  complaint: 'the recipient complained',
  'hard bounce': 'the address does not work',
  manual: 'a person or an import decided so',
  'soft bounces': 'mail kept failing on several days',
} as const

const effectsOf = (project: string, reachesAccount: boolean) => ({
  suppress: `Here: ${project} no longer mails this address. ${reachesAccount ? "In the customer's SES: the address is added to the account list within a minute." : "The customer's SES is not changed: there is no proven connection."}`,
  reinstate: `Here: evidence until now no longer counts; a new bounce or complaint suppresses the address again. ${reachesAccount ? "In the customer's SES: the address is taken off the account list within a minute." : "The customer's SES is not changed: there is no proven connection."}`,
})
