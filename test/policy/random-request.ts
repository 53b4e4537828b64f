/**
 * Random requests and policies from a seed. They are biased so that both verdicts are common and each operator, set operator, wildcard,
 * principal form and layer occurs often.
 */
import type { PolicyDocument } from '../../src/policy/document.ts'
import { parsePolicy } from '../../src/policy/document.ts'
import type { AccessRequest, Policies, Principal } from '../../src/policy/evaluate.ts'

type Json = Record<string, unknown>
export type RandomCase = { request: AccessRequest; policies: Policies }

const home = '123456789012'
const abroad = '111122223333'
const region = 'us-east-1'

/** Mulberry32, a small and fast generator with the same results on every platform. */
function randomOf(seed: number) {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
  const chance = (probability: number) => next() < probability
  const pick = <T>(items: readonly T[]): T => {
    const item = items[Math.floor(next() * items.length)]
    if (item === undefined) throw new Error('nothing to pick from')
    return item
  }
  const some = <T>(items: readonly T[], most: number) =>
    Array.from({ length: 1 + Math.floor(next() * most) }, () => pick(items))
  return { chance, pick, some }
}
type Random = ReturnType<typeof randomOf>

const resources: Record<string, (account: string) => string> = {
  'sns:Publish': (account) => `arn:aws:sns:${region}:${account}:sesame-red-bounces`,
  'sns:Subscribe': (account) => `arn:aws:sns:${region}:${account}:sesame-blue-complaints`,
  'dynamodb:UpdateItem': (account) => `arn:aws:dynamodb:${region}:${account}:table/sesame-red-suppressions`,
  'dynamodb:Query': (account) => `arn:aws:dynamodb:${region}:${account}:table/sesame-red-projects/index/by-day`,
  'sqs:SendMessage': (account) => `arn:aws:sqs:${region}:${account}:sesame-red-dead-letters`,
  'ses:SendEmail': (account) => `arn:aws:ses:${region}:${account}:identity/example.com`,
  'sts:AssumeRole': (account) => `arn:aws:iam::${account}:role/sesame/red`,
}

function principalOf({ pick, chance }: Random, account: string): Principal {
  if (chance(0.8)) {
    const role = pick(['sesame/handler', 'operator'])
    const session = pick(['one', 'two'])
    return {
      kind: 'session',
      arn: `arn:aws:sts::${account}:assumed-role/${role.split('/').at(-1)}/${session}`,
      roleArn: `arn:aws:iam::${account}:role/${role}`,
      account,
      userId: `AROA${role.length}:${session}`,
    }
  }
  if (chance(0.5)) return { kind: 'service', service: pick(['ses.amazonaws.com', 'sns.amazonaws.com']) }
  if (chance(0.5)) return { kind: 'root', arn: `arn:aws:iam::${account}:root`, account }
  if (chance(0.5)) return { kind: 'anonymous' }
  return { kind: 'federated', provider: `arn:aws:iam::${account}:oidc-provider/token.actions.githubusercontent.com` }
}

type Kind = 'string' | 'number' | 'date' | 'bool' | 'ip' | 'arn'
type Key = { name: string; kind: Kind; many?: true; values: string[]; patterns: string[] }

const keys: Key[] = [
  {
    name: 'sts:ExternalId',
    kind: 'string',
    values: ['red', 'Red', 'a*b'],
    patterns: ['red', 'RED', 'r?d', '*', 'a${*}b', '${aws:PrincipalTag/team}'],
  },
  { name: 'aws:SourceAccount', kind: 'string', values: [home, abroad], patterns: [home, abroad, '1111*'] },
  {
    name: 'aws:PrincipalTag/team',
    kind: 'string',
    values: ['red', 'blue'],
    patterns: ['red', 'Blue', '?e?', '${aws:PrincipalTag/absent}', "${aws:PrincipalTag/absent, 'red'}"],
  },
  {
    name: 'aws:MultiFactorAuthAge',
    kind: 'number',
    values: ['5', '300', '300.5'],
    patterns: ['5', '300', '-1', '1000'],
  },
  {
    name: 'aws:CurrentTime',
    kind: 'date',
    values: ['2026-03-01T12:00:00Z', '2026-03-02T00:00:00.500Z'],
    patterns: ['2026-03-01T12:00:00Z', '2026-03-02T00:00:00Z', '2020-01-01', '1772366400', '2027-01-01T00:00:00+02:00'],
  },
  { name: 'aws:EpochTime', kind: 'number', values: ['1772366400'], patterns: ['1772366400', '1', '9999999999'] },
  { name: 'aws:SecureTransport', kind: 'bool', values: ['true', 'false'], patterns: ['true', 'false', 'True'] },
  {
    name: 'aws:SourceIp',
    kind: 'ip',
    values: ['10.1.2.3', '203.0.113.9', '2001:db8::1'],
    patterns: ['10.0.0.0/8', '203.0.113.9', '0.0.0.0/0', '2001:db8::/32', '2001:db8:0:0::2/127', '10.1.2.0/31'],
  },
  {
    name: 'aws:SourceArn',
    kind: 'arn',
    values: [`arn:aws:ses:${region}:${home}:configuration-set/sesame`, `arn:aws:sns:${region}:${abroad}:topic`],
    patterns: [
      `arn:aws:ses:${region}:${home}:configuration-set/sesame`,
      'arn:aws:ses:*:*:configuration-set/*',
      'arn:*:s?s:*:*:*',
      `arn:aws:sns:${region}:${abroad}:top`,
      `arn:aws:ses:${region}:*`,
    ],
  },
  {
    name: 'aws:PrincipalArn',
    kind: 'arn',
    values: [],
    patterns: [
      `arn:aws:iam::${home}:role/sesame/*`,
      'arn:aws:iam::*:role/operator',
      `arn:aws:sts::${home}:assumed-role/*`,
    ],
  },
  { name: 'aws:PrincipalAccount', kind: 'string', values: [], patterns: [home, abroad] },
  {
    name: 'aws:TagKeys',
    kind: 'string',
    many: true,
    values: ['team', 'Team', 'stage'],
    patterns: ['team', 'st*', 'other'],
  },
  {
    name: 'dynamodb:LeadingKeys',
    kind: 'string',
    many: true,
    values: ['red', 'blue', 'project#1'],
    patterns: ['red', 'blue', 'project#*', '${aws:PrincipalTag/team}'],
  },
]

const operatorsOf: Record<Kind, string[]> = {
  string: [
    'StringEquals',
    'StringNotEquals',
    'StringEqualsIgnoreCase',
    'StringNotEqualsIgnoreCase',
    'StringLike',
    'StringNotLike',
  ],
  number: [
    'NumericEquals',
    'NumericNotEquals',
    'NumericLessThan',
    'NumericLessThanEquals',
    'NumericGreaterThan',
    'NumericGreaterThanEquals',
  ],
  date: [
    'DateEquals',
    'DateNotEquals',
    'DateLessThan',
    'DateLessThanEquals',
    'DateGreaterThan',
    'DateGreaterThanEquals',
  ],
  bool: ['Bool'],
  ip: ['IpAddress', 'NotIpAddress'],
  arn: ['ArnEquals', 'ArnLike', 'ArnNotEquals', 'ArnNotLike', 'StringLike', 'StringEquals'],
}

function conditionOf({ pick, chance, some }: Random): Json {
  const condition: Record<string, Json> = {}
  for (const key of some(keys, 2)) {
    const set = chance(key.many ? 0.9 : 0.05) ? pick(['ForAllValues:', 'ForAnyValue:']) : ''
    const operator = chance(0.08) ? 'Null' : `${set}${pick(operatorsOf[key.kind])}${chance(0.15) ? 'IfExists' : ''}`
    const values = operator === 'Null' ? [pick(['true', 'false'])] : some(key.patterns, 3)
    const name = chance(0.1) ? key.name.toUpperCase() : key.name
    condition[operator] = { ...condition[operator], [name]: values }
  }
  return condition
}

function statementOf(random: Random, request: AccessRequest, layer: 'identity' | 'resource' | 'trust'): Json {
  const { chance, some } = random
  const [service = '', action = ''] = request.action.split(':')
  const near = [
    request.action,
    '*',
    `${service}:*`,
    `${service}:${action.slice(0, 3)}*`,
    `${service}:${action.slice(0, -1)}?`,
    request.action.toUpperCase(),
  ]
  const far = [`${service}:Delete*`, 'iam:*', `${service}:${action}?`]
  const actions = some(chance(0.85) ? near : far, 2)
  const own = request.resource
  const onTarget = [
    own,
    '*',
    own.replace(region, '*'),
    `${own.slice(0, -2)}*`,
    `${own.slice(0, -1)}?`,
    /\//.test(own) || chance(0.1) ? own.replace('red', '${aws:PrincipalTag/team}') : own,
    own.replace(/:\d{12}:/, ':*:'),
  ]
  const offTarget = [
    `${own}x`,
    own.replace(home, abroad),
    own.toUpperCase().replace('ARN', 'arn').replace('AWS', 'aws'),
    /\//.test(own) || chance(0.1) ? own.replace('red', "${aws:PrincipalTag/absent, 'red'}") : own,
    own.replace('red', '${aws:PrincipalTag/absent}'),
  ]
  const targets = some(chance(0.8) ? onTarget : offTarget, 2)
  const deny = chance(0.14)
  return {
    Effect: deny ? 'Deny' : 'Allow',
    ...(chance(0.08) ? { NotAction: some([...far, ...near], 2) } : { Action: actions }),
    ...(layer === 'trust' ? {} : chance(0.08) ? { NotResource: targets } : { Resource: targets }),
    ...(layer === 'identity' ? {} : principalElementOf(random, request.principal, deny)),
    ...(chance(deny ? 0.8 : 0.55) ? { Condition: conditionOf(random) } : {}),
  }
}

function principalElementOf({ pick, chance, some }: Random, principal: Principal, deny: boolean): Json {
  const account = 'account' in principal ? principal.account : home
  const aws = [
    account,
    `arn:aws:iam::${account}:root`,
    '*',
    `arn:aws:iam::${abroad}:root`,
    `arn:aws:iam::${home}:role/operator`,
  ]
  const own = principal.kind === 'session' ? [principal.arn, principal.roleArn] : []
  const services = ['ses.amazonaws.com', 'sns.amazonaws.com']
  const element = chance(0.15)
    ? '*'
    : {
        AWS: some([...aws, ...own, ...own, ...own], 2),
        ...(chance(0.4) ? { Service: some(services, 2) } : {}),
        ...(principal.kind === 'federated' && chance(0.7) ? { Federated: [principal.provider] } : {}),
      }
  return deny && element !== '*' && chance(0.3) ? { NotPrincipal: element } : { Principal: pick([element]) }
}

function documentOf(random: Random, request: AccessRequest, layer: 'identity' | 'resource' | 'trust'): PolicyDocument {
  const statements = Array.from({ length: random.chance(0.4) ? 2 : 1 }, () => statementOf(random, request, layer))
  return parsePolicy({ Version: random.chance(0.95) ? '2012-10-17' : '2008-10-17', Statement: statements }, layer)
}

export function randomCase(seed: number): RandomCase {
  const random = randomOf(seed)
  const { pick, chance } = random
  const account = pick([home, home, abroad])
  const action = pick(Object.keys(resources))
  const principal = principalOf(random, account)
  const resourceAccount = principal.kind === 'federated' || chance(0.65) ? account : pick([home, abroad])
  const context: Record<string, string | string[]> = {}
  for (const { name, many, values } of keys) {
    const supplied = name.startsWith('aws:') || name.startsWith(`${action.split(':')[0]}:`)
    if (supplied && values.length > 0 && chance(0.65))
      context[name] = many ? [...new Set(random.some(values, 2))] : pick(values)
  }
  const resource = resources[action]?.(resourceAccount) ?? '*'
  const request: AccessRequest = { principal, action, resource, resourceAccount, context }
  const isTrust = action === 'sts:AssumeRole'
  const named = (layer: 'identity' | 'resource' | 'trust', name: string) => ({
    name,
    document: documentOf(random, request, layer),
  })
  const limited = principal.kind === 'session'
  return {
    request,
    policies: {
      identity:
        principal.kind === 'session'
          ? [named('identity', 'one'), ...(chance(0.3) ? [named('identity', 'two')] : [])]
          : [],
      ...(limited && chance(0.25) ? { session: [named('identity', 'session')] } : {}),
      ...(limited && chance(0.25) ? { boundary: [named('identity', 'boundary')] } : {}),
      ...(isTrust || !limited || chance(0.6) ? { resource: named(isTrust ? 'trust' : 'resource', 'resource') } : {}),
      ...(isTrust ? { isTrust } : {}),
    },
  }
}
