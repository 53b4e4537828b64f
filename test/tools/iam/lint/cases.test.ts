/**
 * The rules of the lint, each by its cases in cases/RULE.yml: what the rule reports, where, and the nearest input that it accepts. All
 * rules check each case, so an accepted case passes all rules, and a reported case violates no other rule.
 */
import { readdirSync, readFileSync } from 'node:fs'
import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { lint } from '../../../../tools/iam/lint/lint.ts'
import { rules } from '../../../../tools/iam/lint/rules.ts'
import { readSource } from '../../../../tools/iam/lint/source.ts'

const caseSchema = v.strictObject({
  name: v.string(),
  /** Statements of the role's policy or trust policy, or properties of the role. The rest is the example below. */
  grants: v.optional(v.string()),
  trust: v.optional(v.string()),
  properties: v.optional(v.string()),
  head: v.optional(v.string()),
  /** A complete file of iam/ instead of the example. */
  file: v.optional(v.string()),
  /** The deployed stack: a packaged template or serverless.yml. */
  stack: v.optional(v.string()),
  /** Text of the reported line, and words of the finding. */
  finds: v.optional(v.array(v.strictObject({ at: v.string(), says: v.string() })), []),
})
type Case = v.InferOutput<typeof caseSchema>

const indented = (text: string, by: number) => text.trimEnd().replace(/^(?=.)/gm, ' '.repeat(by))
/** Replaces `MANY(3)` by a list of three queues, each of 46 characters with its quotes and comma. */
const expanded = (text: string) =>
  text.replace(/MANY\((\d+)\)/g, (_, count: string) => {
    const queue = (index: number) => `arn:aws:sqs:us-east-1:111111111111:jobs-${String(index).padStart(3, '0')}`
    return `[${Array.from({ length: Number(count) }, (__, index) => queue(index)).join(', ')}]`
  })

function roleFile({ file, head, properties, trust, grants }: Case): string {
  if (file !== undefined) return expanded(file)
  return expanded(
    [
      head ??
        '# may:      send messages to its own queue of jobs, singly or in batches.\n# may not:  do anything else, with this queue or with another one.\n# why:      an example must be small, and must show a complete role file.\n',
      'Resources:',
      '  ExampleRole:',
      '    Type: AWS::IAM::Role',
      '    Properties:',
      indented(properties ?? 'MaxSessionDuration: 3600', 6),
      '      AssumeRolePolicyDocument:',
      "        Version: '2012-10-17'",
      '        Statement:',
      indented(trust ?? exampleTrust, 10),
      '      Policies:',
      '        - PolicyName: example',
      '          PolicyDocument:',
      "            Version: '2012-10-17'",
      '            Statement:',
      indented(grants ?? exampleGrants, 14),
      '',
    ].join('\n'),
  )
}

const exampleTrust = `- Sid: LetLambdaRunAsThisRole
  Effect: Allow
  Principal:
    Service: lambda.amazonaws.com
  Action: sts:AssumeRole
`
const exampleGrants = `- Sid: PutJobsIntoTheQueue
  Effect: Allow
  Action: sqs:SendMessage
  Resource:
    Fn::GetAtt: [Jobs, Arn]
`

const folder = new URL('cases/', import.meta.url)
const files = readdirSync(folder).map((file) => ({
  rule: file.replace('.yml', ''),
  cases: v.parse(v.array(caseSchema), parse(readFileSync(new URL(file, folder), 'utf8'))),
}))

describe.each(files)('$rule', ({ rule, cases }) => {
  test.each(cases.map((one) => [one.name, one] as const))(`${rule} %s`, async (_, one) => {
    const sources = { 'iam/example.yml': roleFile(one), ...(one.stack === undefined ? {} : { stack: one.stack }) }
    const read = Object.entries(sources).map(([file, text]) => readSource(file, text))
    const findings = await lint({
      roleFiles: read.filter(({ file }) => file !== 'stack'),
      stacks: read.filter(({ file }) => file === 'stack'),
    })
    const seen = findings.map(({ at, rule: by, problem, fix }) => {
      const line = Object.entries(sources)
        .find(([file]) => file === at.file)?.[1]
        .split('\n')[at.line - 1]
      return { rule: by, line: line?.trim(), text: `${problem} ${fix}` }
    })
    expect(seen).toEqual(
      one.finds.map(({ at, says }) => ({
        rule,
        line: expect.stringContaining(at),
        text: expect.stringContaining(says),
      })),
    )
  })

  test(`${rule} has a case that it reports and one that it accepts`, () => {
    expect(cases.some(({ finds }) => finds.length > 0)).toBe(true)
    expect(cases.some(({ finds }) => finds.length === 0)).toBe(true)
  })
})

test('every rule has a file of cases, and every file of cases has a rule', () => {
  expect(files.map(({ rule }) => rule).sort()).toEqual(rules.map(({ name }) => name).sort())
})

test('docs/iam-lint.md describes every rule, in the order of the rules', () => {
  const page = readFileSync(new URL('../../../../docs/iam-lint.md', import.meta.url), 'utf8')
  const headings = [...page.matchAll(/^## `([\w-]+)`$/gm)].map(([, name]) => name)
  expect(headings).toEqual(rules.map(({ name }) => name))
})
