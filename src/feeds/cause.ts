/** What the last proof of a connection says about a silent feed. Pure. */
import * as v from 'valibot'
import { configurationSetOf } from '../projects/connection.ts'
import type { Proof } from '../projects/proofs.ts'

const Report = v.array(v.looseObject({ step: v.string(), verdict: v.string(), layer: v.string(), found: v.string() }))

export const causeNotKnown = 'not known yet: the connection is being proven'

const longestFound = 300
const textOf = ({ layer, step, found }: v.InferOutput<typeof Report>[number]) =>
  `${layer}: ${step} (${found.slice(0, longestFound)})`

/** @param proof the last proof; one from before the silence does not say what has happened since */
export function causeOf(project: string, proof: Proof | undefined, silentSince: Date): string {
  if (!proof || proof.at <= silentSince) return causeNotKnown
  const { success, output: steps } = v.safeParse(Report, proof.report)
  const failed = success ? steps.filter(({ verdict }) => verdict === 'failed') : []
  if (failed.length > 0) return failed.map(textOf).join('; ')
  if (proof.why !== undefined) return proof.why
  return `the proof of ${proof.at.toISOString().slice(0, 16).replace('T', ' ')} UTC found no fault, so mail is probably sent without the configuration set ${configurationSetOf(project)}`
}
