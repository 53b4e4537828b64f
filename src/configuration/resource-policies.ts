/**
 * Doors: our topics, in pairs, and our queue. Each has one policy for everybody, which AWS limits in size and can only replace.
 *
 * So nobody reads a policy, adds a line and writes it back, which would lose what another adds at that moment. Who lets a project in puts
 * it into the table, then makes the policy of the whole table; and does so again if the table has changed by the time the policy
 * stands. Whoever writes last has seen everybody: docs/decisions/0100-policies-made-of-the-table.md
 */
import { type AllowedSource, type AllowedSources, sameSources } from './allowed-sources.ts'
import { samePolicy } from './policy-documents.ts'

export type PolicyOwner = {
  /** Under this key its admissions stand in the table. */
  readonly place: string
  /** What to call it for people. */
  readonly name: string
  /** The policies that AWS keeps for it, by the ARN of what they stand on. */
  readonly policies: (admitted: readonly AllowedSource[]) => readonly { readonly arn: string; readonly text: string }[]
  /** The most characters of a policy. */
  readonly limit: number
  /** `undefined` if there is no policy. Throws when there is no such topic or queue. */
  readonly read: (arn: string) => Promise<string | undefined>
  readonly write: (arn: string, text: string) => Promise<void>
}

/** The policies have no room for another project. */
export class PolicyFullError extends Error {
  override readonly name = 'DoorFullError'
  readonly retryable = false
  readonly limit: number
  readonly admitted: number

  constructor(doors: readonly PolicyOwner[], admitted: number, wayOut: string) {
    const [{ limit, name } = { limit: 0, name: 'the policy' }] = doors
    const where = doors.length > 1 ? `${doors.length} policies (${doors.map((door) => door.name).join(', ')})` : name
    super(
      `${where} cannot take another project: AWS limits a policy to ${limit} characters, and ${admitted} projects fill it. ${wayOut}`,
    )
    this.limit = limit
    this.admitted = admitted
  }
}

/** So many others change who is let in that the policy did not come to rest. What was asked for is in the table: try again. */
class DoorBusyError extends Error {
  override readonly name = 'DoorBusyError'
  readonly retryable = true

  constructor({ name }: PolicyOwner) {
    super(`The policy of ${name} is being changed by many others: try again`)
  }
}

const rounds = 50

/** Makes the policies what the table says. Repeating it changes nothing. */
export async function updatePolicy(door: PolicyOwner, admissions: AllowedSources): Promise<void> {
  let before = await admissions.at(door.place)
  for (let round = 0; round < rounds; round++) {
    for (const { arn, text } of door.policies(before))
      if (!samePolicy(await door.read(arn), text)) await door.write(arn, text)
    const after = await admissions.at(door.place)
    if (sameSources(before, after)) return
    before = after
  }
  throw new DoorBusyError(door)
}

/**
 * Lets a project in at the door where it is already, or at the first that has room. Repeating it changes nothing.
 * @param wayOut what a person can do when all are full
 * @throws DoorFullError
 */
export async function allowSource(
  doors: readonly PolicyOwner[],
  admissions: AllowedSources,
  admission: AllowedSource,
  wayOut: string,
): Promise<PolicyOwner> {
  const known = await ownerAllowing(doors, admissions, admission.project)
  for (const door of known ? [known] : doors)
    if (await admissions.add(door.place, admission, (admitted) => fits(door, admitted))) {
      await updatePolicy(door, admissions)
      return door
    }
  const counts = await Promise.all(doors.map(async ({ place }) => (await admissions.at(place)).length))
  const admitted = counts.reduce((sum, count) => sum + count, 0)
  throw new PolicyFullError(doors, admitted, wayOut)
}

/** Shuts a project out everywhere. Repeating it changes nothing. */
export async function revokeSource(
  doors: readonly PolicyOwner[],
  admissions: AllowedSources,
  project: string,
): Promise<void> {
  for (const door of doors) {
    await admissions.remove(door.place, project)
    await updatePolicy(door, admissions)
  }
}

/** The door at which a project is let in. */
export async function ownerAllowing(
  doors: readonly PolicyOwner[],
  admissions: AllowedSources,
  project: string,
): Promise<PolicyOwner | undefined> {
  for (const door of doors)
    if ((await admissions.at(door.place)).some((admission) => admission.project === project)) return door
  return undefined
}

const fits = (door: PolicyOwner, admitted: readonly AllowedSource[]): boolean =>
  door.policies(admitted).every(({ text }) => text.length <= door.limit)
