/**
 * The reach of a role in terms of AWS: which actions on which resources, under which circumstances, and which single changes of the
 * circumstances deny them. test/iam/reach has a file for each role, which people read in a review. The tests compare the role files with it.
 */
import type { Statement } from '../../../src/policy/document.ts'
import type { Principal } from '../../../src/policy/evaluate.ts'
import { circumstancesOf } from './circumstances.ts'
import { account, type Circumstances, type Filled, roleOf, type Simulation, simulate } from './simulate.ts'

/** The reach of one statement. All other calls of the same services are denied. */
export type Reach = {
  readonly statement: string
  readonly may: readonly string[]
  readonly on?: readonly string[] | undefined
  /** Who may assume the role: `service NAME`, `federated PROVIDER`, `account ID` or the ARN of a role. */
  readonly by?: readonly string[] | undefined
  readonly if?: readonly Circumstances[] | undefined
  readonly refusedIf?: readonly Circumstances[] | undefined
}

const elsewhere = '111122223333'

export function reachOf(role: string): Reach[] {
  const filled = roleOf(role, undefined)
  const grants = filled.identity.flatMap(({ document }) =>
    document.Statement.filter(({ Effect }) => Effect === 'Allow'),
  )
  const resources = [...new Set(grants.flatMap(({ Resource = [] }) => Resource.flatMap(instancesOf)))]
  return [
    ...filled.trust.document.Statement.map((one) => trustReach(role, filled, one)),
    ...grants.map((one) => grantReach(role, one, resources)),
  ]
}

function grantReach(role: string, one: Statement, resources: readonly string[]): Reach {
  const may = one.Action ?? []
  const { met, failed } = circumstancesOf(one)
  const [service = ''] = may[0]?.split(':') ?? []
  const passes = (resource: string, context: Circumstances) =>
    may.every((action) => isAllowed({ role, action, resource, context }))
  const [base = {}] = met
  const on = strangersAmong(resources, service).filter((resource) => passes(resource, base))
  const failing = failed.filter((context) =>
    on.every((resource) => may.every((action) => !isAllowed({ role, action, resource, context }))),
  )
  return entry(one, { may, on }, met, failing)
}

function trustReach(role: string, filled: Filled, one: Statement): Reach {
  const may = one.Action ?? []
  const { met, failed } = circumstancesOf(one)
  const patterns = Object.values(one.Condition ?? {}).flatMap((keys) => keys['aws:PrincipalArn'] ?? [])
  const principal = one.Principal === '*' || one.Principal === undefined ? {} : one.Principal
  const by = [
    ...(principal.Service ?? []).map((name) => `service ${name}`),
    ...(principal.Federated ?? []).map((name) => `federated ${name}`),
    ...(principal.AWS ?? []).flatMap((arn) => {
      if (patterns.length > 0) return patterns.map((pattern) => pattern.replace(/[*?]/g, 'x'))
      return arn.endsWith(':root') ? [`account ${arn.split(':')[4]}`] : [arn]
    }),
  ]
  const failing = failed.filter((context) =>
    by.every((who) =>
      may.every((action) => !isAllowed({ role, action, resource: filled.arn, context, entrant: principalOf(who) })),
    ),
  )
  return entry(one, { may, by }, met, failing)
}

function entry(
  one: Statement,
  what: Pick<Reach, 'may' | 'on' | 'by'>,
  met: readonly Circumstances[],
  failing: readonly Circumstances[],
): Reach {
  const isPlain = met.every((context) => Object.keys(context).length === 0)
  return {
    statement: one.Sid ?? '',
    ...what,
    ...(isPlain ? {} : { if: met }),
    ...(failing.length === 0 ? {} : { refusedIf: failing }),
  }
}

const isAllowed = (asked: Omit<Simulation, 'wanted'>) => simulate({ ...asked, wanted: 'allowed' }).verdict === 'allowed'

/** An ARN that matches the pattern, and a similar one that must not match. */
function instancesOf(pattern: string): string[] {
  if (pattern === '*') return ['*']
  const [arn, partition, service, region, owner = '', ...rest] = pattern.split(':')
  const tail = rest.join(':')
  const first = /[:/]/.exec(tail)
  const kind = first && service !== 's3' ? tail.slice(0, first.index + 1) : ''
  const where = [arn, partition, service, region === '*' ? 'us-east-1' : region, owner === '*' ? elsewhere : owner]
  return [tail.replace(/\*+/g, 'x').replace(/\?/g, 'x'), `${kind}stranger`].map((name) => [...where, name].join(':'))
}

/** The role's resources of one service, and a resource of an undefined type. */
const strangersAmong = (resources: readonly string[], service: string): string[] => [
  ...resources.filter((resource) => resource === '*' || resource.split(':')[2] === service || service === 'sts'),
  `arn:aws:${service === 'sts' ? 'iam' : service}:us-east-1:${account}:stranger/stranger`,
]

function principalOf(text: string): Principal {
  const [kind, name = ''] = text.split(' ')
  if (kind === 'service') return { kind, service: name }
  if (kind === 'federated') return { kind, provider: name }
  if (kind === 'account') return { kind: 'root', arn: `arn:aws:iam::${name}:root`, account: name }
  const [, owner = '', role = ''] = /^arn:aws:iam::(\d{12}):role\/(?:.*\/)?([^/]+)$/.exec(text) ?? []
  if (owner === '')
    throw new Error(`${text} is not a principal: use service NAME, federated PROVIDER, account ID or the ARN of a role`)
  const arn = `arn:aws:sts::${owner}:assumed-role/${role}/simulated`
  return { kind: 'session', arn, roleArn: text, account: owner, userId: 'AROASIMULATEDSIMULATED:simulated' }
}

const strangers = [
  'service stranger.amazonaws.com',
  'federated stranger.example',
  'arn:aws:iam::999988887777:role/stranger',
]

/** Another role of the same account, if the principal is a role. */
const neighbourOf = (who: string): string[] => {
  const account = /^arn:aws:iam::(\d{12}):role\//.exec(who)?.[1]
  return account === undefined ? [] : [`arn:aws:iam::${account}:role/stranger`]
}

/** Every call that the role's reach decides, allowed and denied. */
export function callsFor(role: string, reach: readonly Reach[]): Simulation[] {
  const plain: Circumstances[] = [{}]
  const expected = reach.flatMap(({ may, on, by, if: met = plain, refusedIf = [] }) =>
    may.flatMap((action) =>
      [
        ...(on ?? []).map((resource) => ({ resource })),
        ...(by ?? []).map((who) => ({ resource: '', entrant: principalOf(who) })),
      ].flatMap((what): Simulation[] => [
        ...met.map((context) => ({ role, action, ...what, context, wanted: 'allowed' as const })),
        ...refusedIf.map((context) => ({ role, action, ...what, context, wanted: 'denied' as const })),
      ]),
    ),
  )
  const entering = reach.flatMap(({ by, may, if: met = plain }) =>
    (by ?? []).length === 0
      ? []
      : [
          ...[...strangers, ...(by ?? []).flatMap(neighbourOf)].map((who) => ({ who, action: may[0] ?? '' })),
          ...(by ?? []).map((who) => ({ who, action: 'sts:StrangeAction' })),
        ].map(
          ({ who, action }): Simulation => ({
            role,
            action,
            resource: '',
            entrant: principalOf(who),
            context: met[0] ?? {},
            wanted: 'denied',
          }),
        ),
  )
  return [
    ...expected,
    ...entering,
    ...beside(
      role,
      reach.filter(({ on }) => on),
    ),
  ]
}

/** The role's actions on resources for which they are not granted, and an undefined action on the role's resources. */
function beside(role: string, reach: readonly Reach[]): Simulation[] {
  const granted = new Set(
    reach.flatMap(({ may, on = [] }) => may.flatMap((action) => on.map((resource) => `${action} ${resource}`))),
  )
  const places = [...new Set(reach.flatMap(({ on = [] }) => on))].flatMap((resource) => [
    resource,
    ...(resource === '*' ? [] : instancesOf(resource)),
  ])
  return reach.flatMap(({ may, if: met = [{}] }) => {
    const [service = ''] = may[0]?.split(':') ?? []
    const where = [...new Set(strangersAmong(places, service))]
    return [...may, `${service}:StrangeAction`].flatMap((action) =>
      where
        .filter((resource) => !granted.has(`${action} ${resource}`))
        .map((resource): Simulation => ({ role, action, resource, context: met[0] ?? {}, wanted: 'denied' })),
    )
  })
}
