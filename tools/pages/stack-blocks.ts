/** Blocks with counts and tables of the stack, from serverless.yml, iam/ and infra/. */
import { fileURLToPath } from 'node:url'
import { readTemplate, type Template } from '../../src/template/template.ts'
import { rules } from '../iam/lint/rules.ts'
import { fileNames } from '../iam/role-parts.ts'
import type { Blocks } from './blocks.ts'

const readStack = (): Template =>
  readTemplate({
    root: fileURLToPath(new URL('../..', import.meta.url)),
    stage: 'STAGE',
    account: '123456789012',
    region: 'us-east-1',
    endpoint: 'http://localhost:4566',
    env: {},
  })

/** Alarms of an account that cost nothing, and the price in USD of each further one per month. https://aws.amazon.com/cloudwatch/pricing/ */
const freeAlarms = 10
const alarmPrice = 0.1

/**
 * @param archiveSizes sizes of the functions' archives in bytes; undefined if the stack was not packaged
 */
export function stackBlocks(archiveSizes: readonly number[] | undefined): Blocks {
  const stack = readStack()
  const ofType = (type: string) => [...stack.resources.values()].filter(({ Type }) => Type === type)
  const alarms = ofType('AWS::CloudWatch::Alarm').length
  return {
    counts: () => countsTable(stack, ofType),
    functions: () => functionsTable(stack),
    alarms: () => alarmsTable(stack),
    'alarm-cost': () => `${alarms} alarms cost ${(Math.max(0, alarms - freeAlarms) * alarmPrice).toFixed(2)}`,
    'archive-sizes': () => archiveSizes && sizeRange(archiveSizes),
    'role-files': () => `${fileNames().length} role files`,
    'lint-rules': () => `${rules.length} rules`,
  }
}

function countsTable(stack: Template, ofType: (type: string) => readonly { Properties: Record<string, unknown> }[]) {
  const queues = ofType('AWS::SQS::Queue')
  const deadLetters = queues.filter(({ Properties }) => String(Properties.QueueName).endsWith('-dead-letters'))
  return [
    '| the stack has | |',
    '|---|---|',
    `| Lambda functions | ${stack.functions.size} |`,
    `| DynamoDB tables | ${ofType('AWS::DynamoDB::Table').length} |`,
    `| SNS topics | ${ofType('AWS::SNS::Topic').length} |`,
    `| SQS queues | ${queues.length}, of which ${deadLetters.length} are dead-letter queues |`,
    `| CloudWatch alarms | ${ofType('AWS::CloudWatch::Alarm').length} |`,
    `| IAM roles | ${ofType('AWS::IAM::Role').length} |`,
  ].join('\n')
}

function functionsTable(stack: Template): string {
  const roleFile = (role: unknown) => String(stack.resolve(role)).replace(/^.*-us-east-1-/, '')
  return [
    '| function | purpose | role |',
    '|---|---|---|',
    ...[...stack.functions].map(
      ([name, { description, role }]) =>
        `| \`${name}\` | ${String(description ?? '')} | [${roleFile(role)}](../iam/${roleFile(role)}.yml) |`,
    ),
  ].join('\n')
}

/** The runbook that a description names, as a link from docs/deployment.md. */
const linked = (description: string) => description.replace(/Runbook docs\/(operations\.md#[\w-]+)/, '[Runbook]($1)')

function alarmsTable(stack: Template): string {
  const rows = [...stack.resources.values()]
    .filter(({ Type }) => Type === 'AWS::CloudWatch::Alarm')
    .map(({ Properties }) => `| \`${String(Properties.AlarmName)}\` | ${linked(String(Properties.AlarmDescription))} |`)
  return ['| alarm | meaning |', '|---|---|', ...rows].join('\n')
}

/** Rounded to 5 KB, so that small changes of the code do not change the page. */
function sizeRange(bytes: readonly number[]): string {
  const rounded = (size: number) => Math.round(size / 1024 / 5) * 5
  return `${rounded(Math.min(...bytes))} to ${rounded(Math.max(...bytes))} KB`
}
