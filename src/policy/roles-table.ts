/**
 * The role files as a page to read: who assumes each role, and every grant with what narrows it. Made from the files, so it cannot say
 * anything else than what is deployed.
 */
import * as v from 'valibot'
import type { Head, RoleFile } from './role-file.ts'

const oneOrMany = <const T>(item: v.GenericSchema<unknown, T>) =>
  v.pipe(
    v.union([
      v.array(item),
      v.pipe(
        item,
        v.transform((one) => [one]),
      ),
    ]),
  )
const intrinsic = v.union([
  v.string(),
  v.pipe(
    v.strictObject({ Ref: v.string() }),
    v.transform(({ Ref }) => Ref),
  ),
  v.pipe(
    v.strictObject({ 'Fn::Sub': v.string() }),
    v.transform((sub) => withoutPseudo(sub['Fn::Sub'])),
  ),
  v.pipe(
    v.strictObject({ 'Fn::GetAtt': v.tuple([v.string(), v.string()]) }),
    v.transform((get) => get['Fn::GetAtt'][0]),
  ),
])
const statement = v.object({
  Sid: v.string(),
  Effect: v.string(),
  Action: oneOrMany(v.string()),
  Resource: v.optional(oneOrMany(intrinsic), []),
  Principal: v.optional(v.record(v.string(), oneOrMany(intrinsic)), {}),
  Condition: v.optional(v.record(v.string(), v.record(v.string(), oneOrMany(intrinsic))), {}),
})
const policy = v.object({ Statement: v.array(statement) })

/** `arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:x` → `x`; what stays is what tells resources apart. */
const withoutPseudo = (text: string) =>
  text
    .replace(/^arn:\$\{AWS::Partition\}:\w+:(\$\{AWS::Region\})?:\$\{AWS::AccountId\}:/, '')
    .replace(/\$\{sls:stage\}/g, 'STAGE')

const code = (texts: readonly string[]) => texts.map((text) => `\`${text}\``).join('<br>')

function conditions(of: v.InferOutput<typeof statement>): string {
  const lines = Object.entries(of.Condition).flatMap(([operator, keys]) =>
    Object.entries(keys).map(([key, values]) => `\`${operator}\` \`${key}\`: ${values.join(', ')}`),
  )
  return lines.join('<br>')
}

function assumedBy({ properties }: RoleFile): string {
  return v
    .parse(policy, properties.AssumeRolePolicyDocument)
    .Statement.flatMap((one) => [
      ...Object.values(one.Principal)
        .flat()
        .map((principal) => (principal === 'root' ? 'people of this account' : `\`${principal}\``)),
      ...(Object.keys(one.Condition).length > 0 ? [`if ${conditions(one)}`] : []),
    ])
    .join(' ')
}

const inWords = ({ may, mayNot, why }: Head) => [
  `**May** ${may}`,
  '',
  `**May not** ${mayNot}`,
  '',
  `**Why** ${why}`,
  '',
]

function section(role: RoleFile): string {
  const rows = role.properties.Policies.flatMap(({ PolicyDocument }) => v.parse(policy, PolicyDocument).Statement).map(
    (one) => `| ${one.Sid} | ${code(one.Action)} | ${code(one.Resource)} | ${conditions(one)} |`,
  )
  const head = ['| statement | actions | on | only if |', '|---|---|---|---|']
  return [`## ${role.name}`, '', ...inWords(role.head), ...head, ...rows, ''].join('\n')
}

function row(role: RoleFile): string {
  const statements = role.properties.Policies.flatMap(({ PolicyDocument }) => v.parse(policy, PolicyDocument).Statement)
  const actions = [...new Set(statements.flatMap(({ Action }) => Action))].sort().map((action) => `\`${action}\``)
  const hours = role.properties.MaxSessionDuration / 3600
  return `| [${role.name}](${role.name}.yml) | ${assumedBy(role)} | ${hours} h | ${actions.join(', ')} |`
}

/**
 * The page, in Markdown.
 * @param roles what the stack deploys into our own account
 * @param templates what customers deploy into theirs
 */
export function rolesTable(roles: readonly RoleFile[], templates: readonly { name: string; head: Head }[]): string {
  return [
    '# Roles',
    '',
    'One file per role, a whole `AWS::IAM::Role`: what stands here is what is deployed, what the embedded AWS enforces, and what the',
    'tests compare with the calls that the code can reach. This page is made from the files by `npm run iam:readme`.',
    '',
    '| role | assumed by | session at most | grants |',
    '|---|---|---|---|',
    ...roles.map(row),
    '',
    ...roles.map(section),
    ...templates.flatMap(({ name, head }) => [
      `## ${name}`,
      '',
      `A template for an account of its own: [${name}.yml](${name}.yml).`,
      '',
      ...inWords(head),
    ]),
  ].join('\n')
}
