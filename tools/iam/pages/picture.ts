/** The data of docs/roles.svg: for each role file, who may assume the role, and which actions it allows on which resources. */
import { readFileSync } from 'node:fs'
import * as v from 'valibot'
import { parse } from 'yaml'
import { type FileStatement, fileNames, type Part, partsOf, textOf } from '../role-parts.ts'

/** `kind`: function, service, person, identity provider or account. `ifs`: condition keys of the trust policy. */
export type Entrant = { readonly kind: string; readonly name: string; readonly ifs: readonly string[] }
/** Resources of one AWS service (`kind`) with the same allowed actions and condition keys. */
export type Target = {
  readonly kind: string
  readonly names: readonly string[]
  readonly actions: readonly string[]
  readonly ifs: readonly string[]
}
export type RoleCard = {
  readonly name: string
  readonly group: string
  readonly about: string
  readonly hours: number | undefined
  readonly entrants: readonly Entrant[]
  readonly targets: readonly Target[]
}

export const groups = ['Roles of the stack', 'Role templates', 'Boundary of the roles of the stack'] as const

const serverless = v.object({
  functions: v.record(v.string(), v.looseObject({ role: v.looseObject({ 'Fn::Sub': v.optional(v.string(), '') }) })),
  resources: v.array(v.string()),
})
const resource = v.looseObject({
  Type: v.string(),
  Properties: v.optional(
    v.looseObject({ Description: v.optional(v.string(), ''), MaxSessionDuration: v.optional(v.number()) }),
  ),
})
const withResources = v.looseObject({ Resources: v.optional(v.record(v.string(), resource), {}) })

export function roleCards(): RoleCard[] {
  const root = new URL('../../../', import.meta.url)
  const { functions, resources } = v.parse(serverless, parse(readFileSync(new URL('serverless.yml', root), 'utf8')))
  const included = resources.flatMap((text) => /^\$\{file\((.+)\)\}$/.exec(text)?.[1] ?? [])
  const types = new Map(
    included.flatMap((path) => {
      const { Resources } = v.parse(
        withResources,
        parse(readFileSync(new URL(path, root), 'utf8'), { maxAliasCount: -1 }),
      )
      return Object.entries(Resources).map(([id, { Type }]) => [id, Type] as const)
    }),
  )
  const cards = fileNames().flatMap((file): RoleCard[] => {
    const text = textOf(file)
    const { Resources } = v.parse(withResources, parse(text))
    const [id, role] = Object.entries(Resources).find(([, { Type }]) => /Role$|ManagedPolicy$/.test(Type)) ?? []
    if (id === undefined || !role) return []
    const parts = partsOf(file, text)
    const running = Object.entries(functions)
      .filter(([, one]) => one.role['Fn::Sub'].includes(`\${${id}.Arn}`))
      .map(([name]): Entrant => ({ kind: 'function', name, ifs: [] }))
    const isBoundary = role.Type === 'AWS::IAM::ManagedPolicy'
    const isOurs = included.includes(`iam/${file}.yml`)
    return [
      {
        name: file,
        group: isBoundary ? groups[2] : isOurs ? groups[0] : groups[1],
        about: role.Properties?.Description ?? '',
        hours: isBoundary ? undefined : (role.Properties?.MaxSessionDuration ?? 3600) / 3600,
        entrants: running.length > 0 ? running : parts.filter(({ isTrust }) => isTrust).flatMap(entrantsOf),
        targets: targetsOf(parts, types),
      },
    ]
  })
  return groups.flatMap((group) => cards.filter((card) => card.group === group))
}

const entrantsOf = ({ statements }: Part): Entrant[] =>
  statements.flatMap(({ principals, conditions }) =>
    principals.map(
      ({ kind, name }): Entrant => ({ ...principalOf(kind, name), ifs: conditions.map(({ key }) => shortKey(key)) }),
    ),
  )

function principalOf(kind: string, name: string): { kind: string; name: string } {
  if (kind === 'Service') return { kind: 'service', name }
  if (kind === 'Federated')
    return { kind: 'identity provider', name: plain(name).replace(/^(saml|oidc)-provider\//, '') }
  if (name.includes('${SesameAccount}')) return { kind: 'account', name: "roles of Sesame's account" }
  return name.endsWith(':root')
    ? { kind: 'person', name: 'people of this account' }
    : { kind: 'account', name: plain(name) }
}

/** Every function writes its own log. The legend says so once. */
const isLog = ({ actions }: FileStatement) =>
  actions.every((action) => action === 'logs:CreateLogStream' || action === 'logs:PutLogEvents')

function targetsOf(parts: readonly Part[], types: ReadonlyMap<string, string>): Target[] {
  const found = new Map<string, { kind: string; names: string[]; actions: string[]; ifs: string[] }>()
  for (const one of parts.filter(({ isTrust }) => !isTrust).flatMap(({ statements }) => statements)) {
    if (isLog(one)) continue
    const kind = one.actions[0]?.split(':')[0] ?? ''
    const names = [...new Set(one.resources.map((name) => named(name, types)))]
    const key = JSON.stringify([kind, names, one.conditions])
    const target = found.get(key) ?? { kind, names, actions: [], ifs: [] }
    found.set(key, target)
    for (const action of one.actions.map((name) => name.split(':')[1] ?? name))
      if (!target.actions.includes(action)) target.actions.push(action)
    for (const { key: condition } of one.conditions)
      if (!target.ifs.includes(shortKey(condition))) target.ifs.push(shortKey(condition))
  }
  return [...found.values()]
}

const shortKey = (key: string) =>
  key.replace(/^(token\.actions\.githubusercontent\.com|cognito-identity\.amazonaws\.com|aws|dynamodb):/, '')

const words = (id: string) => id.replace(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase()

const kinds: Readonly<Record<string, string>> = {
  'AWS::DynamoDB::Table': 'table',
  'AWS::SQS::Queue': 'queue',
  'AWS::SNS::Topic': 'topic',
  'AWS::S3::Bucket': 'bucket',
  'AWS::Events::EventBus': '',
}

/** `SuppressionsTable.Arn` → `table suppressions`, `RecordDashbounceLambdaFunction.Arn` → `function record-bounce`. */
function named(label: string, types: ReadonlyMap<string, string>): string {
  const [, id = '', rest = ''] = /^(?:\$\{)?(\w+)(?:\.Arn)?\}?(.*)$/.exec(label) ?? []
  const run = /^(\w+)LambdaFunction$/.exec(id)?.[1]
  if (run) return `function ${run.replace(/Dash/g, '-').replace(/^./, (first) => first.toLowerCase())}`
  const kind = kinds[types.get(id) ?? '']
  if (kind === undefined) return plain(label)
  const name = words(id.replace(/(Table|Topic|Bucket|Queue)$/, ''))
  return `${kind} ${name}${rest.replace(/^\//, ' ')}`.trim()
}

/** An ARN without the parts that all ARNs here have. */
function plain(label: string): string {
  if (label === '*') return 'all resources of the kind'
  return label
    .replace(/\$\{AWS::Partition\}/g, 'aws')
    .replace(/\$\{AWS::Region\}/g, 'REGION')
    .replace(/\$\{AWS::AccountId\}/g, 'ACCOUNT')
    .replace(/\$\{sls:stage\}|\$\{Stage\}/g, 'STAGE')
    .replace(/\$\{(\w+)(\.Arn)?\}/g, '‹$1›')
    .replace(/^arn:aws:iam::\*:/, "any account's ")
    .replace(/^arn:aws:[\w-]+:[^:]*:[^:]*:/, '')
}
