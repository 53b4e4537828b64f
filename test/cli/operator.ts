/** Runs `sesame` commands in process, on the embedded AWS, under the operator's role. */
import { Command } from 'commander'
import type { Aws } from '../../local/aws.ts'
import type { CommandContext } from '../../src/cli/command-context.ts'
import { createStack, type StackAccess } from '../../src/cli/stack.ts'
import { assume } from '../local/sign-in.ts'

export async function operatorOf(aws: Aws): Promise<StackAccess> {
  const RoleArn = `arn:aws:iam::${aws.account}:role/sesame/sesame-${aws.stage}-${aws.region}-operator`
  return createStack(aws.stage, aws.clientConfig(await assume(aws, aws.credentials.root(aws.account), { RoleArn })))
}

/** Runs a command. @returns what it printed, and whether it would exit with 0 */
export async function run(
  aws: Aws,
  register: (program: Command, open: CommandContext) => void,
  ...args: readonly string[]
): Promise<{ printed: string; ok: boolean }> {
  const stack = await operatorOf(aws)
  const printed: string[] = []
  const program = new Command('sesame').exitOverride()
  register(program, { stack: () => stack, print: (text) => printed.push(text), now: () => aws.clock.now() })
  process.exitCode = 0
  await program.parseAsync([...args], { from: 'user' })
  const ok = process.exitCode === 0
  process.exitCode = 0
  return { printed: printed.join('\n'), ok }
}
