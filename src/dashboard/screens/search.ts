/** Search: an address, a message id or the name of a project → the screens that answer about it. The text is in the body: no URL holds an address. */
import * as v from 'valibot'
import { dayOf, sentAtOf } from '../../activity/bucket.ts'
import { concurrently } from '../../concurrently.ts'
import { AddressError, normaliseAddress } from '../../intake/address.ts'
import { maskedOf } from '../../intake/masked-address.ts'
import type { Project } from '../../projects/project.ts'
import type { SearchAnswer } from '../address-answers.ts'
import { type DashboardRequest, readBody } from '../http.ts'
import type { References } from '../references.ts'
import type { DashboardStack } from '../stack.ts'

type Deps = {
  readonly stack: Pick<DashboardStack, 'projects' | 'activity' | 'list'>
  readonly references: References
  readonly now: () => Date
}
type Found = SearchAnswer['found'][number]

const readsAtOnce = 16
const mostFound = 50
const Search = v.strictObject({
  text: v.pipe(v.string(), v.trim(), v.maxLength(400, 'must be 400 characters at most')),
})

export const createSearch =
  ({ stack, references, now }: Deps) =>
  async (request: DashboardRequest): Promise<SearchAnswer> => {
    const { text } = readBody(Search, request)
    const projects = await stack.projects.all()
    const found: Found[] = []
    const each = (work: (project: Project) => Promise<void>) =>
      concurrently(projects, Math.min(readsAtOnce, projects.length), work)
    const sentAt = sentAtOf(text)
    const address = addressIn(text)
    if (sentAt)
      await each(async ({ id }) => {
        const { length } = await stack.activity.timelineOf(id, dayOf(sentAt), text)
        if (length > 0)
          found.push({
            kind: 'message',
            title: `Message in ${id}`,
            text: `${length} events`,
            to: `#/messages/${id}/${encodeURIComponent(text)}`,
          })
      })
    else if (address !== undefined)
      await each(async ({ id, rules }) => {
        const { state, evidence } = await stack.list.verdictOn(id, address, rules, now())
        const known = evidence.length === 0 ? 'nothing is known' : 'evidence is stored'
        found.push({
          kind: 'address',
          title: `${maskedOf(address)} in ${id}`,
          text: state === 'suppressed' ? 'suppressed' : `may be mailed, ${known}`,
          to: `#/addresses/${references.refOf(id, address)}`,
        })
      })
    else
      for (const { id } of projects)
        if (id.includes(text.toLowerCase()))
          found.push({ kind: 'project', title: id, text: 'project', to: `#/projects/${id}` })
    const inOrder = found.sort(
      (one, other) =>
        Number(other.text === 'suppressed') - Number(one.text === 'suppressed') || (one.title < other.title ? -1 : 1),
    )
    return { found: inOrder.slice(0, mostFound), none: noneText(text, sentAt !== undefined) }
  }

function addressIn(text: string): string | undefined {
  try {
    return normaliseAddress(text)
  } catch (error) {
    if (error instanceof AddressError) return undefined
    throw error
  }
}

const noneText = (text: string, isMessage: boolean): string => {
  if (isMessage) return 'No event of this message is stored in any project.'
  return text.includes('@')
    ? 'This is not a complete address. Type all of it, such as name@example.com.'
    : 'No project has a name like this. Type an address, a message id or a part of the name of a project.'
}
