/** Runs all rules over the role files and over the deployed stack. Reads no files: the caller passes the sources. */
import { type Finding, sortFindings, type Violation } from './finding.ts'
import { isDeployedAsWritten } from './rules/function-role.ts'
import { rules } from './rules.ts'
import type { Source } from './source.ts'
import { type Resource, resourcesOf, statementsOf } from './template.ts'

export type LintSources = {
  /** The files of iam/. */
  readonly roleFiles: readonly Source[]
  /** serverless.yml and the packaged template, if they exist. */
  readonly stacks: readonly Source[]
}

export async function lint({ roleFiles, stacks }: LintSources): Promise<Finding[]> {
  const written = roleFiles.flatMap(resourcesOf)
  return sortFindings([
    ...roleFiles.flatMap(unreadable),
    ...stacks.flatMap(unreadable),
    ...(await findingsOf((rule) => roleFiles.map((source) => rule.roleFile?.(source, resourcesOf(source))))),
    ...(await findingsOf((rule) => stacks.map((source) => rule.stack?.(source, resourcesOf(source), written)))),
    ...(await resourceFindings(written)),
    // A resource that is deployed as its role file defines it is judged in the role file.
    ...(await resourceFindings(
      stacks.flatMap(resourcesOf).filter((one) => !written.some((file) => isSame(file, one))),
    )),
  ])
}

const isSame = (file: Resource, deployed: Resource) =>
  file.id === deployed.id && file.type === deployed.type && isDeployedAsWritten(file.properties, deployed.properties)

const unreadable = ({ problems }: Source): Finding[] =>
  problems.map(({ at, message }) => ({
    rule: 'readable',
    at,
    problem: `The file cannot be read: ${message}.`,
    fix: 'Write plain YAML with long intrinsics (Fn::Sub, not !Sub).',
  }))

async function resourceFindings(resources: readonly Resource[]): Promise<Finding[]> {
  const all = resources.map((resource) => ({ resource, statements: statementsOf(resource) }))
  return [
    ...(await findingsOf((rule) => all.map(({ resource, statements }) => rule.resource?.(resource, statements)))),
    ...(await findingsOf((rule) => all.flatMap(({ statements }) => statements.map((one) => rule.statement?.(one))))),
  ]
}

type Answers = readonly (readonly Violation[] | Promise<readonly Violation[]> | undefined)[]

async function findingsOf(check: (rule: (typeof rules)[number]) => Answers): Promise<Finding[]> {
  const perRule = await Promise.all(
    rules.map(async (rule) => {
      const answers = await Promise.all(check(rule))
      return answers.flatMap((violations) => (violations ?? []).map((violation) => ({ ...violation, rule: rule.name })))
    }),
  )
  return perRule.flat()
}
