/**
 * Divides all resources into the classes that a set of statements can distinguish: the `*` of actions without resources, and ARNs.
 *
 * `aws:ResourceAccount` is the account in the ARN. Conditions on it therefore divide the ARNs, and not the values of a key of its own,
 * unless the ARN has no account.
 */
import type { Statement } from '../document.ts'
import type { Piece } from '../match.ts'
import { type Lookup, substituteVariables } from '../variables.ts'
import type { KeyCondition } from './key-values.ts'
import {
  anyBut,
  arnPattern,
  exactly,
  exactlyInAnyCase,
  glob,
  literal,
  some,
  type TextPattern,
  times,
} from './text-pattern.ts'
import { UndecidableQuestionError } from './undecidable.ts'
import { createMatcher, wordClassesOf } from './words.ts'

/** A statement and the version of its document, on which the meaning of variables depends. */
export type VersionedStatement = { readonly statement: Statement; readonly version: string }

const colon = literal(':')
const anyOwner = [[], times(12, '0123456789'), literal('aws')]
const anyArn = anyOwner.map((owner) => [
  ...literal('arn:aws'),
  ...anyBut(':'),
  ...colon,
  ...some(':', true),
  ...colon,
  ...anyBut(':'),
  ...colon,
  ...owner,
  ...colon,
  ...some('', true),
])

const isArn = createMatcher(anyArn)

export const ownerOf = (resource: string): string | undefined => /^arn:[^:]*:[^:]*:[^:]*:([^:]+):/.exec(resource)?.[1]

export type ResourceQuestion = {
  readonly statements: readonly VersionedStatement[]
  readonly ownerConditions: readonly KeyCondition[]
  readonly lookUp: Lookup
  /** The service of the action, and an account, for resources that no statement names. */
  readonly service: string
  readonly account: string
}

/** @returns one resource of each class: an instance of a statement's pattern if there is one */
export function resourceClassesOf({
  statements,
  ownerConditions,
  lookUp,
  service,
  account,
}: ResourceQuestion): string[] {
  const written = statements.flatMap(({ statement, version }) =>
    (statement.Resource ?? statement.NotResource ?? []).flatMap((pattern) => {
      const pieces = substituteVariables(pattern, version, lookUp)
      return pieces === undefined ? [] : [pieces]
    }),
  )
  const distinct = new Map<string, TextPattern>()
  for (const pieces of written) {
    const pattern = isStar(pieces) ? undefined : arnPattern(pieces)
    if (pattern !== undefined) distinct.set(JSON.stringify(pattern), pattern)
  }
  const patterns = [...distinct.values(), ...ownerPatternsOf(ownerConditions, lookUp)]
  const classes = wordClassesOf(patterns, anyArn, 'the resource')
  const found = new Map(classes.map(({ word, matches }) => [matches.map(Number).join(''), word]))
  const matches = createMatcher(patterns)
  const better = new Map<string, string>()
  for (const resource of suggestionsFor(written, service, account)) {
    if (!isArn(resource).includes(true)) continue
    const key = matches(resource).map(Number).join('')
    if (found.has(key) && !better.has(key)) better.set(key, resource)
  }
  return ['*', ...[...found].map(([key, word]) => better.get(key) ?? word)]
}

const isStar = ([first, ...more]: readonly Piece[]) =>
  more.length === 0 && first !== undefined && 'wildcard' in first && first.wildcard === '*'

/** Whether the ARN has an account, and which of the expected values the account matches. */
function ownerPatternsOf(conditions: readonly KeyCondition[], lookUp: Lookup): TextPattern[] {
  if (conditions.length === 0) return []
  const ownedBy = (owner: TextPattern): TextPattern => [
    ...[0, 1, 2, 3].flatMap((): TextPattern => [...anyBut(':'), ...colon]),
    ...owner,
    ...colon,
    ...anyBut(''),
  ]
  const compared = conditions.flatMap(({ operator, expected, version }): TextPattern[] => {
    if (operator === 'Null') return []
    if (!/(^|:)String/.test(operator))
      throw new UndecidableQuestionError('aws:ResourceAccount', `is compared by ${operator}`, 'Compare it as text')
    return expected.flatMap((value) => {
      const pieces = substituteVariables(value, version, lookUp)
      if (pieces === undefined) return []
      if (operator.includes('IgnoreCase')) return [ownedBy(exactlyInAnyCase(pieces))]
      return [ownedBy(operator.includes('Like') ? glob(pieces, ':') : exactly(pieces))]
    })
  })
  return [ownedBy(some(':', true)), ...compared]
}

/** Regions and accounts of resources that a pattern leaves open. */
const elsewhere = (account: string) =>
  [
    ['us-east-1', '111122223333'],
    ['us-east-1', account],
    ['us-east-1', '999988887777'],
    ['eu-west-1', account],
  ] as const

/** An instance of each pattern, a similar resource of the same kind, and an unknown resource of the service. */
function suggestionsFor(written: readonly (readonly Piece[])[], service: string, account: string): string[] {
  const instances = written
    .filter((pieces) => !isStar(pieces))
    .flatMap((pieces) => {
      const text = pieces.map((piece) => ('literal' in piece ? piece.literal : piece.wildcard)).join('')
      const [arn, partition = '', name = '', region = '', owner = '', ...rest] = text.split(':')
      const filled = (segment: string, whole: string) => (segment === '*' ? whole : segment.replace(/[*?]+/g, 'x'))
      const tail = rest.join(':')
      const kind = /^[^*?]*[/:]/.exec(tail)?.[0] ?? ''
      return [tail.replace(/[*?]+/g, 'x'), `${kind}stranger`].flatMap((end) =>
        elsewhere(account).map(([area, other]) =>
          [arn, filled(partition, 'aws'), filled(name, service), filled(region, area), filled(owner, other), end].join(
            ':',
          ),
        ),
      )
    })
  return [
    ...instances,
    `arn:aws:${service}:us-east-1:${account}:stranger`,
    `arn:aws:${service}:us-east-1:111122223333:stranger`,
  ]
}
