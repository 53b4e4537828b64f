/**
 * Which refusals the tests want. A test that is about one says so in its sentence (`may not read the list`, `is refused …`); where the
 * sentence is about something else, test/roles/wanted-refusals.yml names the test file, the role and the action, with a reason.
 * A refusal that is neither is one that nobody expected: code that lacks a grant. An entry that nothing needs any more fails too.
 */
import { readFileSync } from 'node:fs'
import * as v from 'valibot'
import { parse } from 'yaml'
import type { Refusal, RoleCoverage } from './coverage.ts'

export type WantedRefusal = v.InferOutput<typeof entry>
const entry = v.strictObject({
  role: v.string(),
  action: v.string(),
  in: v.array(v.string()),
  why: v.pipe(v.string(), v.minLength(20)),
})

const path = new URL('../test/roles/wanted-refusals.yml', import.meta.url)
export const wantedRefusals = (): WantedRefusal[] => v.parse(v.array(entry), parse(readFileSync(path, 'utf8')))

const saysSo = /refus|den(y|ied|ies)\b|may not|must not|cannot|nobody|no other|not by|without a grant|strange|lack/i

const isNamed = (role: RoleCoverage, refusal: Refusal) => (one: WantedRefusal) =>
  one.role === role.file && one.action === refusal.action && one.in.includes(refusal.file)

export function unexpectedRefusals(
  roles: readonly RoleCoverage[],
  wanted: readonly WantedRefusal[],
): { role: string; refusal: Refusal }[] {
  return roles.flatMap((role) =>
    role.refusals
      .filter((refusal) => !saysSo.test(refusal.test) && !wanted.some(isNamed(role, refusal)))
      .map((refusal) => ({ role: role.file, refusal })),
  )
}

/** Entries that no refusal of the run needs, as `role action in file`. Files that were not run are not judged. */
export function needlessEntries(
  roles: readonly RoleCoverage[],
  wanted: readonly WantedRefusal[],
  run: readonly string[],
): string[] {
  return wanted.flatMap((one) =>
    one.in
      .filter((file) => run.includes(file))
      .filter((file) => {
        const role = roles.find((each) => each.file === one.role)
        return !role?.refusals.some(
          (refusal) => refusal.file === file && refusal.action === one.action && !saysSo.test(refusal.test),
        )
      })
      .map((file) => `${one.role} ${one.action} in ${file}`),
  )
}
