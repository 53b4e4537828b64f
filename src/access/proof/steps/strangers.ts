/**
 * Steps: without an id, with a random one, and with one that only resembles ours, the role must refuse.
 *
 * The first two are tried by another role of ours that knows no external id at all (iam/connection-probe.yml), so whatever it gets into
 * is open to anybody who finds the ARN. The third needs the right id to resemble; it finds conditions with wildcards.
 */
import { randomBytes } from 'node:crypto'
import type { STSClient } from '@aws-sdk/client-sts'
import type { Deployment } from '../../../arn.ts'
import type { UsableConnection } from '../../../projects/connection.ts'
import { newExternalId } from '../../../projects/external-id.ts'
import { trustToPaste } from '../paste.ts'
import { type ProbeAttempt, tryToAssume } from '../probe.ts'
import { failing, type ProofStep, passing, unanswered } from '../step.ts'

export type ProbeResult = { readonly withoutId: ProbeAttempt; readonly randomId: ProbeAttempt }

/** Tries a role as somebody who knows no external id. Never rejects: what stood in the way is unclear. */
export type Probe = (project: string, roleArn: string) => Promise<ProbeResult>

/** What a stranger tries: nothing at all, and an id of the same shape. */
export const probe = async (sts: STSClient, project: string, roleArn: string): Promise<ProbeResult> => ({
  withoutId: await tryToAssume(sts, { project, roleArn }, undefined),
  randomId: await tryToAssume(sts, { project, roleArn }, newExternalId()),
})

const without = { step: 'without an external id it refuses', layer: 'trust' } as const
const random = { step: 'with a random external id it refuses', layer: 'trust' } as const
const similar = { step: 'with ids that only resemble ours it refuses', layer: 'trust' } as const

export async function unknownIdSteps(
  connection: UsableConnection,
  { account }: Deployment,
  probe: Probe,
): Promise<ProofStep[]> {
  const { withoutId, randomId } = await probe(connection.project, connection.roleArn)
  const paste = trustToPaste(connection, account)
  const found = (id: string, remedy: string) =>
    `${connection.roleArn} lets in anybody with a role in our account ${id}, so any other customer of ours could have us enter. ${remedy}; the trust policy must be`
  return [
    judged(without, withoutId, found('without an external id', openConditions), paste),
    judged(random, randomId, found('whatever external id is given', openConditions), paste),
  ]
}

const openConditions =
  'A statement has no condition on sts:ExternalId, or one that an absent or any id satisfies (…IfExists, ForAllValues, StringLike "*", a Deny that is misspelt)'

/** Ids that a pattern for ours would take in as well: cut, drawn out, changed at one end, in capitals. */
export function similarIdsOf(externalId: string): string[] {
  const other = (digit: string) => (digit === '0' ? '1' : '0')
  const noise = randomBytes(2).toString('hex')
  const all = [
    `${externalId.slice(0, -1)}${other(externalId.slice(-1))}`,
    `${other(externalId.slice(0, 1))}${externalId.slice(1)}`,
    `${noise}${externalId}${noise}`,
    externalId.toUpperCase(),
  ]
  return all.filter((id) => id !== externalId)
}

export async function similarIdStep(
  connection: UsableConnection,
  { account }: Deployment,
  sts: STSClient,
): Promise<ProofStep> {
  for (const id of similarIdsOf(connection.externalId)) {
    const attempt = await tryToAssume(sts, connection, id)
    if (attempt === 'refused') continue
    const found = `${connection.roleArn} takes an id that is not ours but like it: the condition must be StringEquals with the whole id, without wildcards; the trust policy must be`
    return judged(similar, attempt, found, trustToPaste(connection, account))
  }
  return passing(similar, 'refused')
}

function judged(
  name: Pick<ProofStep, 'step' | 'layer'>,
  attempt: ProbeAttempt,
  found: string,
  paste: string,
): ProofStep {
  if (attempt === 'refused') return passing(name, 'refused')
  if (attempt === 'let in') return failing(name, found, paste)
  return unanswered(name, attempt)
}
