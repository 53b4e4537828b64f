/**
 * The role files as a page to read: who assumes each role, and every grant with what narrows it. Made from the files, so it cannot say
 * anything else than what is deployed.
 */
import * as v from 'valibot'
import type { BoundaryFile, Head, RoleFile, RoleTemplate } from '../../../src/template/role-file.ts'

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
    v.strictObject({ 'Fn::Split': v.tuple([v.string(), v.string()]) }),
    v.transform((split) => split['Fn::Split'][1]),
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

function assumedBy(trust: unknown): string {
  return v
    .parse(policy, trust)
    .Statement.map((one) => {
      const principals = Object.values(one.Principal)
        .flat()
        .map((principal) => (principal === 'root' ? 'people of this account' : `\`${principal}\``))
      const held = Object.keys(one.Condition).length > 0 ? [`if ${conditions(one)}`] : []
      return [...principals, ...held].join(' ')
    })
    .join('<br>or ')
}

const inWords = ({ may, mayNot, why }: Head) => [
  `**May** ${may}`,
  '',
  `**May not** ${mayNot}`,
  '',
  `**Why** ${why}`,
  '',
]

const statementsTable = (statements: readonly v.InferOutput<typeof statement>[]) => [
  '| statement | actions | on | only if |',
  '|---|---|---|---|',
  ...statements.map((one) => `| ${one.Sid} | ${code(one.Action)} | ${code(one.Resource)} | ${conditions(one)} |`),
  '',
]

const section = (role: RoleFile): string =>
  [`## ${role.name}`, '', ...inWords(role.head), ...statementsTable(granted(role))].join('\n')

const granted = ({ properties }: RoleFile) =>
  properties.Policies.flatMap(({ PolicyDocument }) => v.parse(policy, PolicyDocument).Statement)

const actions = (statements: readonly v.InferOutput<typeof statement>[]) =>
  [...new Set(statements.flatMap(({ Action }) => Action))]
    .sort()
    .map((action) => `\`${action}\``)
    .join(', ')

const hours = (seconds: number) => `${seconds / 3600} h`

const row = (role: RoleFile) =>
  `| [${role.name}](${role.name}.yml) | ${assumedBy(role.properties.AssumeRolePolicyDocument)} | ${hours(role.properties.MaxSessionDuration)} | ${actions(granted(role))} |`

const plainPolicies = v.array(v.object({ PolicyDocument: policy }))

/** Where parameters decide which statements there are, only the words say what the role may. */
function templateSection({ name, head, properties }: RoleTemplate): string[] {
  const read = v.safeParse(plainPolicies, properties.Policies)
  const by = v.safeParse(policy, properties.AssumeRolePolicyDocument)
  const who = by.success ? assumedBy(properties.AssumeRolePolicyDocument) : 'as the template says'
  return [
    `## ${name}`,
    '',
    `A template, deployed by itself: [${name}.yml](${name}.yml). Assumed by ${who.replaceAll('<br>', '; ')}, for ${hours(properties.MaxSessionDuration)} at most.`,
    '',
    ...inWords(head),
    ...(read.success ? statementsTable(read.output.flatMap(({ PolicyDocument }) => PolicyDocument.Statement)) : []),
  ]
}

/**
 * The page, in Markdown.
 * @param roles what the stack deploys into our own account
 * @param boundary what caps them
 * @param templates what is deployed by itself: into a customer's account, by an administrator, for an application
 */
export function rolesTable(
  roles: readonly RoleFile[],
  boundary: BoundaryFile,
  templates: readonly RoleTemplate[],
): string {
  return [
    '# Roles',
    '',
    'One file per role, a whole `AWS::IAM::Role`: what stands here is what is deployed, what the embedded AWS enforces, and what the',
    'tests compare with the calls that the code can reach. This page is made from the files by `npm run iam:readme`.',
    '',
    '## In the stack',
    '',
    'Made by every deployment, under the path `/sesame/` and under the [boundary](boundary.yml).',
    '',
    '| role | assumed by | session at most | grants |',
    '|---|---|---|---|',
    ...roles.map(row),
    '',
    '## Templates',
    '',
    'Each is deployed by itself, by whoever needs it: `aws cloudformation deploy --template-file iam/NAME.yml --capabilities CAPABILITY_NAMED_IAM`.',
    '',
    '| role | for |',
    '|---|---|',
    ...templates.map(({ name, template }) => `| [${name}](${name}.yml) | ${template.Description} |`),
    '',
    ...roles.map(section),
    '## boundary',
    '',
    ...inWords(boundary.head),
    ...statementsTable(v.parse(policy, boundary.properties.PolicyDocument).Statement),
    ...templates.flatMap(templateSection),
  ].join('\n')
}
