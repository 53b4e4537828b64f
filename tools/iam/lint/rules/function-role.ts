/** Every function runs under a role of iam/, and no role is deployed that does not stand there, or otherwise than it stands there. */
import type { Complaint } from '../finding.ts'
import type { Rule } from '../rule.ts'
import { frameworkVariable } from '../stand-ins.ts'
import type { Resource } from '../template.ts'

export const functionRole: Rule = {
  name: 'function-role',
  stack: (source, deployed, roles) => [
    ...deployed
      .filter(({ type }) => type === 'AWS::Lambda::Function')
      .filter(({ properties }) => !roles.some(({ id }) => names(properties.Role, id)))
      .map((one) => ({
        at: one.spot('Properties', 'Role'),
        what: `${one.id} runs under no role of iam/.`,
        mend: 'Give the function the role file that grants what its code calls.',
      })),
    ...deployed.filter(({ type }) => type === 'AWS::IAM::Role').flatMap((one) => differences(one, roles)),
    ...functionsOf(source.value)
      .filter(([, block]) => !roles.some(({ id }) => names(Object(block).role, id)))
      .map(([name]) => ({
        at: source.spot(['functions', name, 'role']),
        what: `${name} runs under no role of iam/.`,
        mend: 'Give the function the role file that grants what its code calls.',
      })),
  ],
}

/** serverless.yml has functions by name, a template has none. */
const functionsOf = (value: unknown): [string, unknown][] => Object.entries(Object(Object(value).functions))

const names = (reference: unknown, id: string) =>
  ['${X.Arn}', '"Fn::GetAtt":["X","Arn"]', '"Fn::GetAtt":"X.Arn"'].some((form) =>
    (JSON.stringify(reference) ?? '').includes(form.replace('X', id)),
  )

function differences(one: Resource, roles: readonly Resource[]): Complaint[] {
  const file = roles.find(({ id, type }) => id === one.id && type === 'AWS::IAM::Role')
  if (file === undefined)
    return [
      {
        at: one.spot(),
        what: `${one.id} is deployed but stands in no file of iam/.`,
        mend: 'Write it as a role file, or keep the framework from making it.',
      },
    ]
  if (isAsWritten(file.properties, one.properties)) return []
  return [
    {
      at: one.spot(),
      what: `${one.id} is deployed otherwise than ${file.source.file} has it.`,
      mend: 'Package anew; if it stays so, something adds to the role on the way.',
    },
  ]
}

/** The same but for the framework's variables, which the packaged template has replaced. */
export function isAsWritten(written: unknown, deployed: unknown): boolean {
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
