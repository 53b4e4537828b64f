/**
 * The `sesame` command.
 */
import { once } from 'node:events'
import { createInterface } from 'node:readline/promises'
import { CommanderError } from 'commander'
import { exitCodes, exitWith } from './exit-codes.ts'
import { explainError, type Settings } from './explain-error.ts'
import { settingsOf } from './global-options.ts'
import { createInterruptibleWait } from './interruptible-wait.ts'
import { printableLine } from './printable.ts'
import { createProgram } from './program.ts'
import { createStack } from './stack.ts'
import { createTerminal } from './terminal.ts'
import { UsageError } from './usage-error.ts'

const terminal = createTerminal(process.stdout, process.stderr)

/** `sesame list … | head` closes our output early, which is not an error. */
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit()
})

async function confirm(question: string): Promise<boolean> {
  terminal.clear()
  const prompt = createInterface({ input: process.stdin, output: process.stderr })
  try {
    const answer = await Promise.race([
      prompt.question(`${printableLine(question)} [y/N] `),
      once(prompt, 'close').then(() => ''),
    ])
    return /^y(es)?$/i.test(answer.trim())
  } finally {
    prompt.close()
  }
}

const keyVariables = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN']

let settings: Settings = { stage: 'dev' }
const program = createProgram(
  {
    stack: () => {
      const { stage, region, profile } = settings
      return createStack(stage, { ...(region !== undefined && { region }), ...(profile !== undefined && { profile }) })
    },
    print: terminal.print,
    now: () => new Date(),
    width: terminal.width,
    wait: createInterruptibleWait(process),
    progress: terminal.progress,
    confirm: process.stdin.isTTY && process.stderr.isTTY ? confirm : undefined,
  },
  { out: terminal.print, error: terminal.printError },
).hook('preAction', (_, command) => {
  settings = settingsOf(command, process.env)
  // A profile is used in place of keys in the environment, as in the AWS CLI. The SDK would print a warning of eight lines.
  if (settings.profile !== undefined) for (const name of keyVariables) delete process.env[name]
})

try {
  if (process.argv.length <= 2) program.outputHelp()
  else await program.parseAsync()
} catch (error) {
  if (error instanceof CommanderError) {
    // Commander has printed the message, or the help or version that was asked for.
    if (error.exitCode !== 0) exitWith(exitCodes.usage)
  } else {
    terminal.printError(`sesame: ${explainError(error, settings)}`)
    exitWith(error instanceof UsageError ? exitCodes.usage : exitCodes.failed)
  }
} finally {
  terminal.clear()
}
