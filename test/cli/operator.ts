/** Runs `sesame` commands in process, on the embedded AWS, under the operator's role. */
import { Writable } from 'node:stream'
import { Command } from 'commander'
import type { Aws } from '../../local/aws.ts'
import { createInProcessFetch } from '../../local/in-process-fetch.ts'
import type { CommandContext } from '../../src/cli/command-context.ts'
import { createStack, type StackAccess } from '../../src/cli/stack.ts'
import { createTerminal, type TerminalStream } from '../../src/cli/terminal.ts'
import { assume } from '../local/sign-in.ts'

/** Settings of a deployment in which the operator may replay files. */
export const fileReplay = { SESAME_FILE_REPLAY_UNTIL: '2100-01-01T00:00:00Z' }

export async function operatorOf(aws: Aws): Promise<StackAccess> {
  const RoleArn = `arn:aws:iam::${aws.account}:role/sesame/sesame-${aws.stage}-${aws.region}-operator`
  const session = await assume(aws, aws.credentials.root(aws.account), { RoleArn })
  return createStack(aws.stage, aws.clientConfig(session), createInProcessFetch(aws.handle))
}

/** A stream that keeps what is written to it. @param terminal what a terminal says about itself */
export function memoryStream(terminal: Pick<TerminalStream, 'isTTY' | 'columns' | 'getColorDepth'> = {}) {
  let text = ''
  const write = (chunk: Buffer, _encoding: unknown, done: () => void) => {
    text += chunk.toString()
    done()
  }
  return Object.assign(new Writable({ write }), terminal, { text: () => text })
}

export type Ran = {
  /** What the command printed, without the last line end. */
  readonly printed: string
  /** Whether it would exit with 0. */
  readonly ok: boolean
  readonly code: number
}

/** Runs a command. */
export async function run(
  aws: Aws,
  register: (program: Command, open: CommandContext) => void,
  ...args: readonly string[]
): Promise<Ran> {
  const stack = await operatorOf(aws)
  const stdout = memoryStream()
  const terminal = createTerminal(stdout, memoryStream())
  const program = new Command('sesame').exitOverride().configureOutput({ writeErr: () => {} })
  register(program, { stack: () => stack, print: terminal.print, now: () => aws.clock.now() })
  process.exitCode = 0
  try {
    await program.parseAsync([...args], { from: 'user' })
    const code = Number(process.exitCode ?? 0)
    return { printed: stdout.text().replace(/\n$/, ''), ok: code === 0, code }
  } finally {
    process.exitCode = 0
  }
}
