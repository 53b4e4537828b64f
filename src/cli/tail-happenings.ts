/** What `sesame tail` shows: events of mail, and changes of the suppression list. */
import type { RecentEvent } from '../activity/recent.ts'
import type { Project } from '../projects/project.ts'
import { type AddressRecord, judge } from '../suppression/judge.ts'
import { reasonText } from './address-report.ts'
import type { StackAccess } from './stack.ts'

export type Happening = {
  readonly at: Date
  readonly project: string
  readonly event: string
  readonly address?: string | undefined
  readonly detail?: string | undefined
  readonly messageId?: string | undefined
}

/** A longer list is not read again and again. */
const mostAddresses = 5_000

export const happeningOf = (
  project: string,
  { at, type, recipient, detail, bot, messageId }: RecentEvent,
): Happening => ({
  at,
  project,
  event: type,
  address: recipient,
  detail: detail ?? (bot && (bot === 'Likely' ? 'probably a machine' : 'probably a person')),
  messageId,
})

/**
 * Returns a function that returns the changes of a project's list since its last call. The first call returns none, but for a list that is too
 * long: then it says that the list is not followed.
 */
export function createListFollower({ list }: Pick<StackAccess, 'list'>, { id, rules }: Project) {
  let before: ReadonlyMap<string, string> | undefined
  let isTooLong = false

  return async (now: Date): Promise<Happening[]> => {
    if (isTooLong) return []
    const present = new Map<string, string>()
    const changes: Happening[] = []
    for await (const [address, record] of list.records(id)) {
      const text = JSON.stringify(record)
      present.set(address, text)
      if (before && before.get(address) !== text) changes.push(changeOf(address, record, now))
      if (present.size > mostAddresses) {
        isTooLong = true
        return [
          {
            at: now,
            project: id,
            event: 'note',
            detail: `the list has over ${mostAddresses} addresses, so only mail is followed`,
          },
        ]
      }
    }
    before = present
    return changes
  }

  function changeOf(address: string, record: AddressRecord, now: Date): Happening {
    const verdict = judge(record, rules, now)
    const latest = [...record.evidence, record.manual, record.reinstated]
      .filter((one) => one !== undefined)
      .toSorted((one, other) => other.at.getTime() - one.at.getTime())[0]
    const cause =
      latest &&
      ('kind' in latest ? `${latest.kind} ${latest.cause}` : `by ${latest.by}${latest.why && `: ${latest.why}`}`)
    return {
      at: latest?.at ?? now,
      project: id,
      event: verdict.state === 'suppressed' ? 'suppressed' : 'may be mailed',
      address,
      detail: [reasonText(verdict), cause].filter(Boolean).join(', '),
    }
  }
}
