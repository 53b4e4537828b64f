/**
 * Expected and unexpected denials. A test about a denial says so in its title (`may not read the list`, `is denied …`). For tests with
 * another subject, test/iam/wanted-refusals.yml names the test file, the role and the action, with a reason. Any other denial is
 * unexpected: the code lacks a grant. An entry that is no longer needed is an error too.
 */
import { readFileSync } from 'node:fs'
import * as v from 'valibot'
import { parse } from 'yaml'
import type { Refusal, RoleCoverage } from './coverage.ts'

export type WantedRefusal = v.InferOutput<typeof entry>
const entry = v.strictObject({
  role: v.string(),
  actions: v.array(v.string()),
  /** The layer that denies: `trust` of a role, `resource`, or `identity`, `session`, `boundary` of the caller. */
  by: v.string(),
  /** Test files. Without it, any test. */
  in: v.optional(v.array(v.string())),
  why: v.pipe(v.string(), v.minLength(20)),
})

const path = new URL('../../../test/iam/wanted-refusals.yml', import.meta.url)
export const wantedRefusals = (): WantedRefusal[] => v.parse(v.array(entry), parse(readFileSync(path, 'utf8')))

/** Words in the title of a test that is about a denial. */
const saysSo =
  /refus|reject|den(y|ied|ies)\b|may not|must not|cannot|nobody|no other|not by|but not|without a grant|strange|lack/i

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

/** Entries that no denial of the test run needs. Entries of test files that did not run are ignored. */
export function needlessEntries(
  roles: readonly RoleCoverage[],
  wanted: readonly WantedRefusal[],
  run: readonly string[],
): string[] {
  const occurred = roles.flatMap((role) => role.refusals.map((refusal) => ({ role: role.file, refusal })))
  return wanted.flatMap((one) =>
    one.actions.flatMap((action) =>
      (one.in?.filter((file) => run.includes(file)).map((file) => [file]) ?? [undefined])
        .filter(
          (files) =>
            !occurred.some(({ role, refusal }) => covers({ ...one, actions: [action], in: files }, role, refusal)),
        )
        .map((files) => `${one.role} ${action} by ${one.by}${files ? ` in ${files[0]}` : ''}`),
    ),
  )
}
