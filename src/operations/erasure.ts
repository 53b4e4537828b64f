/**
 * Operations of forget-address: `erase` an address, and ask which addresses are `erased`.
 *
 * A call works for a limited time. If its answer has `next`, a call with the same request and this `next` goes on.
 */
import * as v from 'valibot'
import type { Erasure, ErasureRequest } from '../erasure/erase-person.ts'
import { normaliseAddress } from '../intake/address.ts'
import { ProjectId } from '../projects/project.ts'
import { accountListChoices } from '../suppression/erasure-mark.ts'
import type { ErasureMarks } from '../suppression/read-marks.ts'
import type { AnswerOf, ErasedAnswer, ErasureAnswer } from './answers.ts'
import { createOperation } from './operation.ts'

/** Well below the timeout of the function, which also allows for a step under way. */
const sliceMs = 60_000

const Address = v.pipe(v.string(), v.maxLength(2_048, 'is too long'))

/** A kept entry without a hash would come back into the list with the next reconcile. */
class EntryWithoutHashError extends Error {
  override readonly name = 'EntryWithoutHashError'
  readonly retryable = false

  constructor() {
    super('Entries of account lists can be kept with a hash only: pass keepHash, or let the entries be removed')
  }
}

/**
 * `erase`: erases an address in all projects, or in the given ones. Idempotent.
 * @throws AddressError | EntryWithoutHashError
 */
export const eraseAddress = (
  erase: (request: ErasureRequest, until: Date) => Promise<Erasure>,
  now: () => Date,
  log: (line: object) => void,
) =>
  createOperation(
    {
      address: Address,
      keepHash: v.optional(v.boolean(), false),
      accountList: v.optional(v.picklist(accountListChoices), 'remove'),
      preview: v.optional(v.boolean(), false),
      projects: v.optional(v.pipe(v.array(ProjectId), v.minLength(1), v.maxLength(100))),
      after: v.optional(v.pipe(v.string(), v.maxLength(1_200))),
    },
    async ({ address, ...request }): Promise<AnswerOf<typeof ErasureAnswer>> => {
      if (request.accountList === 'keep' && !request.keepHash) throw new EntryWithoutHashError()
      const erasure = await erase(
        { ...request, address: normaliseAddress(address) },
        new Date(now().getTime() + sliceMs),
      )
      if (!request.preview) log({ outcome: 'address erased', projects: erasure.projects.length, ...sumOf(erasure) })
      return erasure
    },
  )

/** `erased`: when those of the addresses were erased whose hash refuses mail to them. */
export const erasedAddresses = (marks: ErasureMarks) =>
  createOperation(
    { project: ProjectId, addresses: v.pipe(v.array(Address), v.maxLength(100, 'must be 100 at most')) },
    async ({ project, addresses }): Promise<AnswerOf<typeof ErasedAnswer>> => {
      const found = await Promise.all(
        addresses.map(async (address) => ({ address, mark: await marks.find(project, normaliseAddress(address)) })),
      )
      return {
        erased: found.flatMap(({ address, mark }) => (mark?.blocks ? [{ address, erasedAt: mark.erasedAt }] : [])),
      }
    },
  )

const sumOf = ({ projects, letters }: Erasure) => ({
  suppressions: projects.reduce((sum, one) => sum + one.suppressions, 0),
  expiries: projects.reduce((sum, one) => sum + one.expiries, 0),
  activity: projects.reduce((sum, one) => sum + one.activity, 0),
  answers: projects.reduce((sum, one) => sum + one.answers, 0),
  letters: letters.erased.length,
})
