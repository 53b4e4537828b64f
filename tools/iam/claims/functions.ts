/** The functions of the stack, each with the role under which it runs. */
import { readTemplate } from '../../../src/template/template.ts'
import { place, repository } from './check.ts'
import type { RunningFunction } from './paths.ts'

export function functionsOfStack(): RunningFunction[] {
  const template = readTemplate({ root: repository, ...place, endpoint: 'https://sqs', env: {} })
  return [...template.functions.values()].map(({ arn, role }) => ({ arn, role: String(template.resolve(role)) }))
}
