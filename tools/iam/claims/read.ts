/**
 * Reads iam/claims: for each role file the claims into which its "may not" is divided, and in stack.yml the claims about all roles.
 *
 * A claim says *never* (no request that these statements describe is allowed), *unless* (but those that these describe), or who *enters*
 * (nobody but those whom these describe). Statements are those of IAM. Their texts are resolved like Fn::Sub in the role file itself.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import * as v from 'valibot'
import { parse } from 'yaml'

const textOrList = v.union([v.string(), v.array(v.string())])
const statement = v.strictObject({
  Principal: v.optional(v.union([v.literal('*'), v.record(v.string(), textOrList)])),
  Action: v.optional(textOrList),
  NotAction: v.optional(textOrList),
  Resource: v.optional(textOrList),
  NotResource: v.optional(textOrList),
  Condition: v.optional(v.record(v.string(), v.record(v.string(), textOrList))),
})
const statements = v.pipe(
  v.union([statement, v.array(statement)]),
  v.transform((value) => [value].flat()),
)

const claimParts = {
  never: v.optional(statements),
  unless: v.optional(statements),
  entersOnly: v.optional(statements),
  /** Whoever enters needs a permission of its own as well: the trust policy alone is not enough. */
  needsOwnPermission: v.optional(v.boolean()),
  /** The longest session that the role may have. */
  sessionSeconds: v.optional(v.number()),
  /** Why the claim stands for the clause, if that is not obvious. */
  why: v.optional(v.string()),
}
const roleClaim = v.strictObject({ clause: v.string(), ...claimParts })
const stackClaim = v.strictObject({ claim: v.string(), except: v.optional(v.array(v.string()), []), ...claimParts })

export type Parts = Omit<v.InferOutput<typeof roleClaim>, 'clause'>
/** `text`: the clause of the role file, or the claim about the stack. */
export type Claim = Parts & { readonly role: string; readonly text: string; readonly isOfStack: boolean }

const folder = new URL('../../../iam/claims/', import.meta.url)
export const readClaimFile = (name: string): unknown => parse(readFileSync(new URL(`${name}.yml`, folder), 'utf8'))

/** The names of role files that have claims. */
export const claimFiles = (): string[] =>
  readdirSync(folder)
    .map((file) => file.replace(/\.yml$/, ''))
    .filter((name) => name !== 'stack' && name !== 'paths')
    .sort()

/** The claims of one role file. @throws ValiError if the file has no valid claims */
export function claimsOf(role: string): Claim[] {
  if (!existsSync(new URL(`${role}.yml`, folder))) return []
  return v
    .parse(v.array(roleClaim), readClaimFile(role))
    .map(({ clause, ...parts }) => ({ role, text: clause, isOfStack: false, ...parts }))
}

/** The claims about the stack, one for each role that they are about. */
export function stackClaimsFor(roles: readonly string[]): Claim[] {
  return v
    .parse(v.array(stackClaim), readClaimFile('stack'))
    .flatMap(({ claim, except, ...parts }) =>
      roles.filter((role) => !except.includes(role)).map((role) => ({ role, text: claim, isOfStack: true, ...parts })),
    )
}

/** Names in `except` that are no role: the claim would be about more than it says. */
export function unknownExceptions(roles: readonly string[]): string[] {
  return v
    .parse(v.array(stackClaim), readClaimFile('stack'))
    .flatMap(({ except }) => except.filter((name) => !roles.includes(name)))
}

/** The words of "may not" that no claim repeats, without punctuation and conjunctions; empty if the claims cover the text. */
export function uncoveredWords(mayNot: string, claims: readonly Claim[]): string {
  const plain = (text: string) => text.replace(/\s+/g, ' ')
  const rest = claims.reduce((text, claim) => text.replace(plain(claim.text), ' '), plain(mayNot))
  return rest
    .replace(/[;,.:]/g, ' ')
    .replace(/\b(or|and|nor)\b/g, ' ')
    .trim()
}
