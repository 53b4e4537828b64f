/** `sesame doctor --trust FILE`: judges a trust policy from its text, before anything is deployed. */
import { readFileSync } from 'node:fs'
import { externalIdsIn, judgeTrust, type TrustFinding } from '../access/proof/trust-text.ts'
import { PolicyError, parsePolicy } from '../policy/document.ts'
import { parseYaml } from '../template/yaml-file.ts'
import type { CommandContext } from './command-context.ts'
import type { OutputOptions } from './common-options.ts'
import { exitCodes, exitWith } from './exit-codes.ts'
import { type Column, printRows } from './output.ts'
import { UsageError } from './usage-error.ts'

const columns: readonly Column<TrustFinding>[] = [
  ['', ({ verdict }) => (verdict === 'passed' ? '✓' : '✗')],
  ['step', ({ step }) => step],
  ['found', ({ found }) => found],
]

type Deployed = { readonly stage: string; readonly region?: string | undefined }

/** The external id is the one that the policy requires. Whether it is the id of a connection, `sesame attach` finds out. */
export async function judgeTrustFile(
  context: CommandContext,
  options: OutputOptions & { readonly account: string },
  file: string,
  { stage, region = 'us-east-1' }: Deployed,
): Promise<void> {
  const document = readTrust(file)
  const roleOf = (name: string) => `arn:aws:iam::${options.account}:role/sesame/sesame-${stage}-${region}-${name}`
  const findings = judgeTrust({
    document,
    externalIds: externalIdsIn(document),
    ourAccount: options.account,
    // A customer's account. Principals of it belong to the customer, so a policy that names them names another account here.
    roleAccount: '',
    manager: roleOf('configuration-management'),
    probe: roleOf('connection-probe'),
  })
  if (findings.some(({ verdict }) => verdict === 'failed')) exitWith(exitCodes.failed)
  await printRows(context, options, { columns, rows: findings, none: '' })
}

/** @throws UsageError if the file cannot be read or is no trust policy */
function readTrust(file: string) {
  try {
    return parsePolicy(parseYaml(file, readFileSync(file, 'utf8')), 'trust')
  } catch (error) {
    if (error instanceof PolicyError) throw new UsageError(`${file} is no trust policy: ${error.message}`)
    if (Object(error).code === 'ENOENT') throw new UsageError(`${file} does not exist`)
    throw error
  }
}
