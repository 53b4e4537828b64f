/** Runs the rules over role files and over what is deployed of them. Reads nothing but what it is given. */
import { type Complaint, type Finding, inOrder } from './finding.ts'
import { isAsWritten } from './rules/function-role.ts'
import { rules } from './rules.ts'
import type { Source } from './source.ts'
import { type Resource, resourcesOf, statementsOf } from './template.ts'

export type Files = {
  /** The files of iam/. */
  readonly roleFiles: readonly Source[]
  /** serverless.yml and the packaged template, as far as they are there. */
  readonly stacks: readonly Source[]
}

export async function lint({ roleFiles, stacks }: Files): Promise<Finding[]> {
  const written = roleFiles.flatMap(resourcesOf)
  const found = [
    ...roleFiles.flatMap(unreadable),
    ...stacks.flatMap(unreadable),
    ...(await gathered((rule) => roleFiles.map((source) => rule.roleFile?.(source, resourcesOf(source))))),
    ...(await gathered((rule) => stacks.map((source) => rule.stack?.(source, resourcesOf(source), written)))),
    ...(await ofResources(written)),
    // What is deployed as it is written has been judged where it is written.
    ...(await ofResources(stacks.flatMap(resourcesOf).filter((one) => !written.some((file) => isSame(file, one))))),
  ]
  return inOrder(found)
}

const isSame = (file: Resource, deployed: Resource) =>
  file.id === deployed.id && file.type === deployed.type && isAsWritten(file.properties, deployed.properties)

const unreadable = ({ problems }: Source): Finding[] =>
  problems.map(({ at, problem }) => ({
    rule: 'readable',
    at,
    what: `The file cannot be read: ${problem}.`,
    mend: 'Write plain YAML with long intrinsics (Fn::Sub, not !Sub).',
  }))

async function ofResources(resources: readonly Resource[]): Promise<Finding[]> {
  const all = resources.map((resource) => ({ resource, statements: statementsOf(resource) }))
  return [
    ...(await gathered((rule) => all.map(({ resource, statements }) => rule.resource?.(resource, statements)))),
    ...(await gathered((rule) => all.flatMap(({ statements }) => statements.map((one) => rule.statement?.(one))))),
  ]
}

type Answers = readonly (readonly Complaint[] | Promise<readonly Complaint[]> | undefined)[]

async function gathered(ask: (rule: (typeof rules)[number]) => Answers): Promise<Finding[]> {
  const perRule = await Promise.all(
    rules.map(async (rule) => {
      const answers = await Promise.all(ask(rule))
      return answers.flatMap((complaints) => (complaints ?? []).map((complaint) => ({ ...complaint, rule: rule.name })))
    }),
  )
  return perRule.flat()
}
