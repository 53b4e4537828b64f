/** Every function runs under a role file that serverless.yml includes, and every deployed role is deployed as its role file defines it. */
import type { Violation } from '../finding.ts'
import { frameworkVariable } from '../placeholders.ts'
import type { Rule } from '../rule.ts'
import type { Source } from '../source.ts'
import type { Resource } from '../template.ts'

export const functionRole: Rule = {
  name: 'function-role',
  stack: (source, deployed, roleFiles) => [
    ...deployed
      .filter(({ type }) => type === 'AWS::Lambda::Function')
      .filter(({ properties }) => !roleFiles.some(({ id }) => refersTo(properties.Role, id)))
      .map((one) => ({ at: one.location('Properties', 'Role'), ...withoutRoleFile(one.id) })),
    ...deployed.filter(({ type }) => type === 'AWS::IAM::Role').flatMap((one) => differences(one, roleFiles)),
    ...functionsOf(source).flatMap(([name, block]) => blockViolations(source, name, block, roleFiles)),
  ],
}

const withoutRoleFile = (name: string) => ({
  problem: `${name} does not run under a role of iam/.`,
  fix: 'Set the role of the function to a role file that grants the calls of its code.',
})

/** A role that serverless.yml does not include fails in CloudFormation only, as an unresolved reference. */
function blockViolations(source: Source, name: string, block: unknown, roleFiles: readonly Resource[]): Violation[] {
  const at = source.location(['functions', name, 'role'])
  const role = roleFiles.find(({ id }) => refersTo(Object(block).role, id))
  if (role === undefined) return [{ at, ...withoutRoleFile(name) }]
  const { file } = role.source
  if (includedFiles(source).includes(file)) return []
  return [
    {
      at,
      problem: `${name} uses ${role.id} of ${file}, which serverless.yml does not include.`,
      fix: `Add \`- \${file(${file})}\` to resources in serverless.yml.`,
    },
  ]
}

/** serverless.yml has functions by name. A template has none. */
const functionsOf = ({ value }: Source): [string, unknown][] => Object.entries(Object(Object(value).functions))

const includedFiles = ({ value }: Source): string[] =>
  [Object(value).resources ?? []]
    .flat()
    .flatMap((resource: unknown) => /^\$\{file\((.+)\)\}$/.exec(String(resource))?.[1] ?? [])

const refersTo = (reference: unknown, id: string) =>
  ['${X.Arn}', '"Fn::GetAtt":["X","Arn"]', '"Fn::GetAtt":"X.Arn"'].some((form) =>
    (JSON.stringify(reference) ?? '').includes(form.replace('X', id)),
  )

function differences(one: Resource, roleFiles: readonly Resource[]): Violation[] {
  const file = roleFiles.find(({ id, type }) => id === one.id && type === 'AWS::IAM::Role')
  if (file === undefined)
    return [
      {
        at: one.location(),
        problem: `${one.id} is deployed but no file of iam/ defines it.`,
        fix: 'Write a role file for it, or prevent the framework from creating it.',
      },
    ]
  if (isDeployedAsWritten(file.properties, one.properties)) return []
  return [
    {
      at: one.location(),
      problem: `${one.id} is not deployed as ${file.source.file} defines it.`,
      fix: 'Run npm run package. If the finding remains, a plugin or a variable changes the role.',
    },
  ]
}

/** Equal except for the framework's variables, whose values are in the packaged template. */
export function isDeployedAsWritten(written: unknown, deployed: unknown): boolean {
  const literal = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  const pattern = sorted(written).split(frameworkVariable).map(literal).join('[^"]*')
  return new RegExp(`^${pattern}$`).test(sorted(deployed))
}

const sorted = (value: unknown): string =>
  JSON.stringify(value, (_, item: unknown) =>
    typeof item === 'object' && item !== null && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
      : item,
  ) ?? ''
