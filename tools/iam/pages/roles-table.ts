/**
 * iam/README.md: who may assume each role, and every grant with its conditions. Generated from the role files, so it matches the deployment.
 */
import * as v from 'valibot'
import type { BoundaryFile, RoleFile, RoleFileHead, RoleTemplate } from '../../../src/template/role-file.ts'

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

/** `arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:x` → `x`, the part that distinguishes resources. */
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
      const restrictions = Object.keys(one.Condition).length > 0 ? [`if ${conditions(one)}`] : []
      return [...principals, ...restrictions].join(' ')
    })
    .join('<br>or ')
}

const inWords = ({ may, mayNot, why }: RoleFileHead) => [
  `**May** ${may}`,
  '',
  `**May not** ${mayNot}`,
  '',
  `**Why** ${why}`,
  '',
]

const statementsTable = (statements: readonly v.InferOutput<typeof statement>[]) => [
  '| statement | actions | resources | conditions |',
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

/** If parameters decide which statements a template has, only the head comment describes the role. */
function templateSection({ name, head, properties }: RoleTemplate): string[] {
  const read = v.safeParse(plainPolicies, properties.Policies)
  const by = v.safeParse(policy, properties.AssumeRolePolicyDocument)
  const who = by.success ? assumedBy(properties.AssumeRolePolicyDocument) : 'the principals of the template'
  return [
    `## ${name}`,
    '',
    `A template that is deployed separately: [${name}.yml](${name}.yml). Assumed by ${who.replaceAll('<br>', '; ')}. Maximum session duration: ${hours(properties.MaxSessionDuration)}.`,
    '',
    ...inWords(head),
    ...(read.success ? statementsTable(read.output.flatMap(({ PolicyDocument }) => PolicyDocument.Statement)) : []),
  ]
}

/**
 * The page, in Markdown.
 *
 * @param roles roles of the stack
 * @param boundary their permissions boundary
 * @param templates roles that are deployed separately: into a customer's account, by an administrator, for an application
 */
export function rolesTable(
  roles: readonly RoleFile[],
  boundary: BoundaryFile,
  templates: readonly RoleTemplate[],
): string {
  return [
    '# Roles',
    '',
    'One file per role, a complete `AWS::IAM::Role`. The stack deploys these files, the embedded AWS enforces them, and the tests compare',
    'them with the calls that the code can reach. `npm run generate` writes this page from the files.',
    '',
    '## In the stack',
    '',
    'Every deployment creates these roles under the path `/sesame/` and with the [boundary](boundary.yml).',
    '',
    '| role | assumed by | maximum session | grants |',
    '|---|---|---|---|',
    ...roles.map(row),
    '',
    '## Templates',
    '',
    'Deploy each template where you need it: `aws cloudformation deploy --template-file iam/NAME.yml --capabilities CAPABILITY_NAMED_IAM`.',
    '',
    '| role | purpose |',
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
