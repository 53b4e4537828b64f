/**
 * `sesame doctor`: checks a connection step by step and prints the remedy for each failed step.
 */
import { randomBytes } from 'node:crypto'
import { type Command, Option } from 'commander'
import { bounceAddressOf } from '../access/proof/simulator.ts'
import { silenceText } from '../feeds/silence.ts'
import { CheckupAnswer, ConfigureAnswer, TestMailAnswer } from '../operations/answers.ts'
import { sleep } from '../time.ts'
import { type Checkup, checklist, isHealthy, printCheckup, type Step } from './checklist.ts'
import type { CommandContext } from './command-context.ts'
import { type OutputOptions, userName, withByOption, withOutputOption } from './common-options.ts'
import { exitCodes, exitWith } from './exit-codes.ts'
import { settingsOf } from './global-options.ts'
import { manage } from './invoke.ts'
import { requireProject, type StackAccess } from './stack.ts'
import { judgeTrustFile } from './trust-file.ts'
import { UsageError } from './usage-error.ts'

type Options = OutputOptions & {
  all?: true
  paste?: true
  mail?: true
  repair?: true
  trust?: string
  account: string
  mend?: true
  by: string
}

const bouncePollMs = 2_000
const maxBouncePolls = 30

export function registerDoctor(program: Command, context: CommandContext, pause = sleep): void {
  const { stack, print, now } = context
  withOutputOption(withByOption(program.command('doctor [project]')))
    .description('check a connection step by step; exits with 1 if a step fails or the result is unknown')
    .option('--all', 'check every connected project')
    .option('--paste', 'print the expected trust policy even if nothing is wrong')
    .option('--mail', 'also send a mail to the mailbox simulator and wait for its bounce')
    .option('--repair', 'repair drift in the configuration, and check again')
    .addOption(new Option('--mend', 'same as --repair').hideHelp())
    .option('--trust <file>', 'judge a trust policy from its text, for all requests; needs no AWS')
    .option('--account <id>', 'with --trust: the account that Sesame runs in', '123456789012')
    .action(async (project: string | undefined, options: Options, command: Command) => {
      if (options.trust !== undefined)
        return judgeTrustFile(context, options, options.trust, settingsOf(command, process.env))
      if ((project === undefined) !== Boolean(options.all)) throw new UsageError('Name a project or use --all')
      const access = stack()
      for (const id of project === undefined ? await connectedProjects(access) : [project]) {
        context.progress?.(`checking ${id} …`)
        const result = await examine(access, id, options)
        const { width } = context
        if (options.output !== 'table') await printCheckup(context, options, result)
        else await print(`${checklist(result, { withAllPastes: options.paste, width })}\n`)
        // With --all, a project that still waits for its customer is no failure.
        const isWaiting = options.all === true && result.state === 'waiting' && result.roleArn === undefined
        if (!isHealthy(result) && !isWaiting) exitWith(exitCodes.failed)
      }
    })

  async function examine(access: StackAccess, project: string, options: Options): Promise<Checkup> {
    const { by, mail } = options
    const prove = () => manage(access, { do: 'prove', by, project }, CheckupAnswer)
    const first = await prove()
    const hasDrifted = first.steps.some(({ layer, verdict }) => layer === 'configuration' && verdict === 'failed')
    const isRepaired = hasDrifted && (options.repair ?? options.mend ?? false)
    if (isRepaired) await manage(access, { do: 'configure', by, project }, ConfigureAnswer)
    const proven = isRepaired ? await prove() : first
    const result = { ...proven, steps: [...proven.steps, ...(await feedStepsOf(access, project))] }
    if (!mail || result.conclusion !== 'passed') return result
    const nonce = randomBytes(8).toString('hex')
    const { step } = await manage(access, { do: 'test-mail', by, project, nonce }, TestMailAnswer)
    const bounce = step.verdict === 'passed' ? [await awaitBounce(access, project, bounceAddressOf(nonce))] : []
    return { ...result, steps: [...result.steps, step, ...bounce] }
  }

  /** The bounce is recorded like any other. Then the address is reinstated, so that it does not stay on the list. */
  async function awaitBounce(access: StackAccess, project: string, address: string): Promise<Step> {
    const { rules } = await requireProject(access, project)
    for (let polls = 0; polls < maxBouncePolls; polls++) {
      await pause(bouncePollMs)
      const { state } = await access.list.verdictOn(project, address, rules, now())
      if (state !== 'suppressed') continue
      const why = 'the test mail of sesame doctor'
      await access.rulings.reinstate(project, address, { at: now(), by: userName(), why })
      const step = 'the bounce of the test mail arrives and is recorded'
      return { layer: 'delivery', step, verdict: 'passed', found: 'recorded' }
    }
    return {
      layer: 'delivery',
      step: 'the bounce of the test mail did not arrive within a minute',
      verdict: 'failed',
      found: 'If the configuration above is correct, look for the bounce in the dead letters: sesame replay',
    }
  }
}

/** A step that failed if the scheduled check found the feed silent. It needs no further step if it was not. */
async function feedStepsOf({ silenceOf }: StackAccess, project: string): Promise<Step[]> {
  const silence = await silenceOf(project)
  if (!silence) return []
  const step = 'events of the mail of the account have stopped arriving'
  return [{ layer: 'delivery', step, verdict: 'failed', found: silenceText(silence) }]
}

const connectedProjects = async ({ connections }: StackAccess): Promise<string[]> =>
  (await connections.all()).map(({ project }) => project).sort()
