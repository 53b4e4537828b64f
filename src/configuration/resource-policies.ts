/**
 * The resource policies of our topics and our queue. A policy owner has one policy for all projects. AWS limits its size and can only
 * replace it as a whole.
 *
 * So no one reads a policy, adds a line and writes it back: a concurrent change would be lost. To allow a project, store its source in
 * the table, then write the policy of the whole table, and repeat if the table has changed by then. The last writer has seen every source:
 * docs/design/configuration.md#why-generate-resource-policies-from-the-table
 */
import { type AllowedSource, type AllowedSources, sameSources } from './allowed-sources.ts'
import { samePolicy } from './policy-documents.ts'

/** A pair of topics with the same policy, or the queue. */
export type PolicyOwner = {
  /** The key of its allowed sources in the table. */
  readonly key: string
  /** Its name for people. */
  readonly name: string
  /** The policies for a list of sources, by the ARN of the topic or queue. */
  readonly policies: (sources: readonly AllowedSource[]) => readonly { readonly arn: string; readonly text: string }[]
  /** The maximum length of a policy in characters. */
  readonly limit: number
  /** `undefined` if there is no policy. Throws if there is no such topic or queue. */
  readonly read: (arn: string) => Promise<string | undefined>
  readonly write: (arn: string, text: string) => Promise<void>
}

/** The policies have no room for another project. */
export class PolicyFullError extends Error {
  override readonly name = 'PolicyFullError'
  readonly retryable = false
  readonly limit: number
  /** The number of projects that fill the policies. */
  readonly projects: number

  constructor(owners: readonly PolicyOwner[], projects: number, remedy: string) {
    const [{ limit, name } = { limit: 0, name: 'the policy' }] = owners
    const where =
      owners.length > 1 ? `${owners.length} policies (${owners.map((owner) => owner.name).join(', ')})` : name
    super(
      `No room for another project in ${where}: AWS limits a policy to ${limit} characters, and ${projects} projects fill it. ${remedy}`,
    )
    this.limit = limit
    this.projects = projects
  }
}

/** The allowed sources changed again after each write of the policy. The source of this request is stored: a retry completes it. */
class PolicyBusyError extends Error {
  override readonly name = 'PolicyBusyError'
  readonly retryable = true

  constructor({ name }: PolicyOwner) {
    super(`The policy of ${name} kept changing while it was updated: try again`)
  }
}

const maxRounds = 50

/**
 * Writes the policies of all allowed sources. Idempotent.
 * @throws PolicyBusyError
 */
export async function updatePolicy(owner: PolicyOwner, allowedSources: AllowedSources): Promise<void> {
  let before = await allowedSources.list(owner.key)
  for (let round = 0; round < maxRounds; round++) {
    for (const { arn, text } of owner.policies(before))
      if (!samePolicy(await owner.read(arn), text)) await owner.write(arn, text)
    const after = await allowedSources.list(owner.key)
    if (sameSources(before, after)) return
    before = after
  }
  throw new PolicyBusyError(owner)
}

/**
 * Allows a source at the policy owner that allows its project already, or at the first one with room. Idempotent.
 * @param remedy what a person can do if all are full
 * @returns the policy owner that allows the source now
 * @throws PolicyFullError
 */
export async function allowSource(
  owners: readonly PolicyOwner[],
  allowedSources: AllowedSources,
  source: AllowedSource,
  remedy: string,
): Promise<PolicyOwner> {
  const current = await ownerAllowing(owners, allowedSources, source.project)
  for (const owner of current ? [current] : owners)
    if (await allowedSources.add(owner.key, source, (sources) => fits(owner, sources))) {
      await updatePolicy(owner, allowedSources)
      return owner
    }
  const counts = await Promise.all(owners.map(async ({ key }) => (await allowedSources.list(key)).length))
  const projects = counts.reduce((sum, count) => sum + count, 0)
  throw new PolicyFullError(owners, projects, remedy)
}

/** Revokes the source of a project at all policy owners. Idempotent. */
export async function revokeSource(
  owners: readonly PolicyOwner[],
  allowedSources: AllowedSources,
  project: string,
): Promise<void> {
  for (const owner of owners) {
    await allowedSources.remove(owner.key, project)
    await updatePolicy(owner, allowedSources)
  }
}

/** The policy owner that allows a project. */
export async function ownerAllowing(
  owners: readonly PolicyOwner[],
  allowedSources: AllowedSources,
  project: string,
): Promise<PolicyOwner | undefined> {
  for (const owner of owners)
    if ((await allowedSources.list(owner.key)).some((source) => source.project === project)) return owner
  return undefined
}

const fits = (owner: PolicyOwner, sources: readonly AllowedSource[]): boolean =>
  owner.policies(sources).every(({ text }) => text.length <= owner.limit)
