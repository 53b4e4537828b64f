/**
 * Divides all principals into the classes that resource and trust policies can distinguish: sessions of roles (and IAM users, which are
 * named by their ARN in the same way), root users, services, identity providers and anonymous callers.
 *
 * The condition keys of a principal follow from it, so conditions on them divide the principals and not the values of a key.
 */
import type { PolicyDocument, PrincipalElement, Statement } from '../document.ts'
import { type Piece, piecesOf } from '../match.ts'
import { type Principal, principalKeys } from '../request.ts'
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

type Comparison = { readonly operator: string; readonly expected: readonly string[] }

const digits = '0123456789'
const colon = literal(':')
const inAccount = (kind: string): TextPattern => [
  ...literal('arn:aws'),
  ...anyBut(':'),
  ...literal(':iam::'),
  ...times(12, digits),
  ...literal(`:${kind}`),
]
const anyIdentity = [
  [...inAccount('role/'), ...some('', true)],
  [...inAccount('user/'), ...some('', true)],
]

/**
 * @param documents resource and trust policies
 * @param ownAccount the account whose principals are not outsiders
 * @param known roles to use as representatives of the classes that they are in
 * @throws UndecidableQuestionError for a condition that the classes do not reflect
 */
export function principalClassesOf(
  documents: readonly PolicyDocument[],
  ownAccount: string,
  known: readonly string[] = [],
): Principal[] {
  const statements = documents.flatMap(({ Statement: list }) => list)
  const elements = statements.flatMap(({ Principal, NotPrincipal }) => Principal ?? NotPrincipal ?? [])
  requireKnownKeys(statements)
  const named = (kind: 'AWS' | 'Service' | 'Federated') => [
    ...new Set(elements.flatMap((element: PrincipalElement) => (element === '*' ? [] : (element[kind] ?? [])))),
  ]
  const aws = named('AWS').filter((name) => name !== '*')
  const patterns = [
    ...aws.filter((name) => name.startsWith('arn:')).map((name) => literal(name)),
    ...[ownAccount, ...aws.flatMap((name) => /^(\d{12})$|::(\d{12}):root$/.exec(name)?.slice(1) ?? [])].flatMap(
      (account) => (account === undefined ? [] : [ownedBy(literal(account))]),
    ),
    ...sessionNamesIn(aws).map(({ account, role }) => roleCalled(account, role)),
    ...comparisonsOn('aws:PrincipalArn', statements).flatMap(patternsOf),
    ...comparisonsOn('aws:PrincipalAccount', statements).flatMap(patternsOf).map(ownedBy),
  ]
  const suggestions = [
    ...known,
    `arn:aws:iam::${ownAccount}:role/stranger`,
    'arn:aws:iam::999988887777:role/stranger',
    ...comparisonsOn('aws:PrincipalArn', statements).flatMap(({ expected }) => expected.map(instanceOf)),
  ]
  const roles = readable(wordClassesOf(patterns, anyIdentity, 'the principal'), patterns, suggestions)
  const roots = wordClassesOf(patterns, [inAccount('root')], 'the principal').map(({ word }) => word)
  return [
    ...roles.flatMap((role) => sessionsOf(role, aws)),
    ...roots.map((arn): Principal => ({ kind: 'root', arn, account: accountOf(arn) })),
    ...servicesIn(named('Service'), statements),
    ...providersIn(named('Federated'), statements),
    { kind: 'anonymous' },
  ]
}

const accountOf = (arn: string) => arn.split(':')[4] ?? ''

const ownedBy = (account: TextPattern): TextPattern => [
  ...[0, 1, 2, 3].flatMap((): TextPattern => [...anyBut(':'), ...colon]),
  ...account,
  ...colon,
  ...anyBut(''),
]

/** The roles of an account that have this name, whatever their path. A session's ARN does not contain the path. */
const roleCalled = (account: string, name: string): TextPattern => [
  ...literal('arn:aws'),
  ...anyBut(':'),
  ...literal(`:iam::${account}:role/`),
  ...glob(piecesOf('*')),
  ...literal(name),
]

const sessionNamesIn = (names: readonly string[]) =>
  names.flatMap((name) => {
    const [, account, role, session] = /^arn:[^:]*:sts::(\d{12}):assumed-role\/([^/]+)\/(.+)$/.exec(name) ?? []
    return account === undefined || role === undefined || session === undefined
      ? []
      : [{ name, account, role, session }]
  })

/** A session of the role, and each session of it that a policy names. A user is judged like a session with the user's ARN. */
function sessionsOf(role: string, named: readonly string[]): Principal[] {
  const [account, name] = [accountOf(role), role.split('/').at(-1) ?? '']
  const session = (arn: string, called: string): Principal => ({
    kind: 'session',
    arn,
    roleArn: role,
    account,
    userId: `AROASTRANGER:${called}`,
  })
  const [, partition = 'aws'] = role.split(':')
  return [
    session(`arn:${partition}:sts::${account}:assumed-role/${name}/a-session`, 'a-session'),
    ...sessionNamesIn(named)
      .filter((one) => one.account === account && one.role === name)
      .map((one) => session(one.name, one.session)),
  ]
}

const anyService = [[...some('abcdefghijklmnopqrstuvwxyz0123456789.-'), ...literal('.amazonaws.com')]]

function servicesIn(named: readonly string[], statements: readonly Statement[]): Principal[] {
  const patterns = [
    ...named.map((name) => literal(name)),
    ...comparisonsOn('aws:PrincipalServiceName', statements).flatMap(patternsOf),
  ]
  const universe = [...anyService, ...named.map((name) => literal(name))]
  return readable(wordClassesOf(patterns, universe, 'the service'), patterns, ['stranger.amazonaws.com']).map(
    (service) => ({ kind: 'service', service }),
  )
}

function providersIn(named: readonly string[], statements: readonly Statement[]): Principal[] {
  const patterns = [
    ...named.map((name) => literal(name)),
    ...comparisonsOn('aws:FederatedProvider', statements).flatMap(patternsOf),
  ]
  return readable(wordClassesOf(patterns, [some('', true)], 'the identity provider'), patterns, [
    'stranger.example',
  ]).map((provider) => ({ kind: 'federated', provider }))
}

/** The words, each replaced by a suggestion of its class if there is one. */
function readable(
  classes: readonly { word: string; matches: readonly boolean[] }[],
  patterns: readonly TextPattern[],
  suggestions: readonly string[],
): string[] {
  const judge = createMatcher(patterns)
  const judged = suggestions.map((text) => ({ text, key: judge(text).join() }))
  return classes.map(({ word, matches }) => judged.find(({ key }) => key === matches.join())?.text ?? word)
}

const comparisonsOn = (key: string, statements: readonly Statement[]): Comparison[] =>
  statements.flatMap(({ Condition = {} }) =>
    Object.entries(Condition).flatMap(([operator, keys]) =>
      Object.entries(keys)
        .filter(([name]) => operator !== 'Null' && name.toLowerCase() === key.toLowerCase())
        .map(([, expected]) => ({ operator, expected })),
    ),
  )

function patternsOf({ operator, expected }: Comparison): TextPattern[] {
  return expected.flatMap((value) => {
    const pieces: Piece[] = piecesOf(value)
    if (/(^|:)Arn/.test(operator)) {
      const pattern = arnPattern(pieces)
      return pattern === undefined ? [] : [pattern]
    }
    if (operator.includes('IgnoreCase')) return [exactlyInAnyCase(pieces)]
    return [operator.includes('Like') ? glob(pieces) : exactly(pieces)]
  })
}

const instanceOf = (pattern: string) => pattern.replace(/[*?]+/g, 'x')

/** Refuses a condition that reads a fact of the principal which the classes do not divide, or a variable that stands for one. */
function requireKnownKeys(statements: readonly Statement[]): void {
  for (const { Condition = {}, Resource = [], NotResource = [] } of statements) {
    const values = Object.values(Condition).flatMap((keys) => Object.values(keys).flat())
    for (const text of [...values, ...Resource, ...NotResource])
      for (const [, key = ''] of text.matchAll(/\$\{\s*([^},\s]+)/g))
        if (principalKeys.some((known) => known.toLowerCase() === key.toLowerCase()))
          throw new UndecidableQuestionError(key, 'is a variable that depends on the caller', 'Ask about one caller')
    for (const keys of Object.values(Condition))
      for (const key of Object.keys(keys))
        if (key.toLowerCase() === 'aws:userid')
          throw new UndecidableQuestionError(key, 'is compared', 'Compare aws:PrincipalArn instead')
  }
}
