/**
 * Which refusals the tests want. A test that is about one says so in its sentence (`may not read the list`, `is refused …`); where the
 * sentence is about something else, test/iam/wanted-refusals.yml names the test file, the role and the action, with a reason.
 * A refusal that is neither is one that nobody expected: code that lacks a grant. An entry that nothing needs any more fails too.
 */
import { readFileSync } from 'node:fs'
import * as v from 'valibot'
import { parse } from 'yaml'
import type { Refusal, RoleCoverage } from './coverage.ts'

export type WantedRefusal = v.InferOutput<typeof entry>
const entry = v.strictObject({
  role: v.string(),
  actions: v.array(v.string()),
  /** The layer that refuses: `trust` of a role, `resource`, or our own `identity`, `session`, `boundary`. */
  by: v.string(),
  /** Test files; without them, in any test. */
  in: v.optional(v.array(v.string())),
  why: v.pipe(v.string(), v.minLength(20)),
})

const path = new URL('../../../test/iam/wanted-refusals.yml', import.meta.url)
export const wantedRefusals = (): WantedRefusal[] => v.parse(v.array(entry), parse(readFileSync(path, 'utf8')))

const saysSo = /refus|den(y|ied|ies)\b|may not|must not|cannot|nobody|no other|not by|without a grant|strange|lack/i

const covers = (one: WantedRefusal, role: string, refusal: Refusal) =>
  one.role === role &&
  one.by === refusal.by &&
  one.actions.includes(refusal.action) &&
  (one.in === undefined || one.in.includes(refusal.file))

export function unexpectedRefusals(
  roles: readonly RoleCoverage[],
  wanted: readonly WantedRefusal[],
): { role: string; refusal: Refusal }[] {
  return roles.flatMap((role) =>
    role.refusals
      .filter((refusal) => !saysSo.test(refusal.test) && !wanted.some((one) => covers(one, role.file, refusal)))
      .map((refusal) => ({ role: role.file, refusal })),
  )
}

/** What of the entries no refusal of the run needs. Test files that were not run are not judged. */
export function needlessEntries(
  roles: readonly RoleCoverage[],
  wanted: readonly WantedRefusal[],
  run: readonly string[],
): string[] {
  const happened = roles.flatMap((role) => role.refusals.map((refusal) => ({ role: role.file, refusal })))
  return wanted.flatMap((one) =>
    one.actions.flatMap((action) =>
      (one.in?.filter((file) => run.includes(file)).map((file) => [file]) ?? [undefined])
        .filter(
          (files) =>
            !happened.some(({ role, refusal }) => covers({ ...one, actions: [action], in: files }, role, refusal)),
        )
        .map((files) => `${one.role} ${action} by ${one.by}${files ? ` in ${files[0]}` : ''}`),
    ),
  )
}
