/**
 * `sesame doctor | attach`: whether a connection is as it must be, step by step, and what to paste where it is not.
 */
import { randomBytes } from 'node:crypto'
import { userInfo } from 'node:os'
import { type Command, CommanderError } from 'commander'
import * as v from 'valibot'
import { bounceAddressOf } from '../access/proof/simulator.ts'
import { Checkup, checklist, isHealthy, Step, withoutPaste } from './checklist.ts'
import { manage, withBy } from './manage.ts'
import type { Open } from './open.ts'
import { existing } from './project.ts'
import type { StackAccess } from './stack.ts'

type Options = { all: boolean; json: boolean; paste: boolean; mail: boolean; mend: boolean; by: string }

type Pause = (milliseconds: number) => Promise<void>
const sleep: Pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds))

export function registerDoctor(program: Command, { stack, print, now }: Open, pause: Pause = sleep): void {
  withBy(program.command('doctor [project]'))
    .description('prove a connection step by step; exits with 1 if anything is not as it must be')
    .option('--all', 'every connected project', false)
    .option('--json', 'one JSON object a project, without the texts to paste', false)
    .option('--paste', 'also show the trust policy to compare with where nothing is wrong', false)
    .option('--mail', 'also send a mail to the mailbox simulator and wait until its bounce is back', false)
    .option('--mend', 'set up again what has drifted, and look once more', false)
    .action(async (project: string | undefined, options: Options) => {
      if ((project === undefined) !== options.all)
        throw new CommanderError(1, 'sesame.doctor', 'Name a project, or say --all')
      const opened = stack()
      for (const one of project === undefined ? await connected(opened) : [project]) {
        const result = await examine(opened, one, options)
        print(options.json ? JSON.stringify(withoutPaste(result)) : `${checklist(result, options.paste)}\n`)
        if (!isHealthy(result)) process.exitCode = 1
      }
    })

  withBy(program.command('attach <project> <role-arn>'))
    .description("give a connection the customer's role, if the proof passes for it")
    .action(async (project: string, roleArn: string, { by }: { by: string }) => {
      const { attached, ...result } = await manage(stack(), { do: 'attach', by, project, roleArn }, Attached)
      print(`${checklist(result)}\n`)
      print(attached ? `${roleArn} is attached to ${project}.` : `${roleArn} was not stored: ${result.why ?? ''}`)
      if (!attached) process.exitCode = 1
    })

  async function examine(opened: StackAccess, project: string, { by, mend, mail }: Options): Promise<Checkup> {
    const prove = () => manage(opened, { do: 'prove', by, project }, Checkup)
    const first = await prove()
    const isAdrift = first.steps.some(({ layer, verdict }) => layer === 'configuration' && verdict === 'failed')
    if (mend && isAdrift) await manage(opened, { do: 'mend', by, project }, v.unknown())
    const result = mend && isAdrift ? await prove() : first
    if (!mail || result.conclusion !== 'passed') return result
    const nonce = randomBytes(8).toString('hex')
    const { step } = await manage(opened, { do: 'test-mail', by, project, nonce }, Sent)
    const back = step.verdict === 'passed' ? [await comeBack(opened, project, bounceAddressOf(nonce))] : []
    return { ...result, steps: [...result.steps, step, ...back] }
  }

  /** The bounce is recorded like any other; afterwards it is overruled, so that nothing stays on the list. */
  async function comeBack(opened: StackAccess, project: string, address: string): Promise<Step> {
    const name = { step: 'its bounce comes back through the topic and is recorded', layer: 'delivery' }
    const { rules } = await existing(opened, project)
    for (let looked = 0; looked < 30; looked++) {
      await pause(2_000)
      const { state } = await opened.list.verdictOn(project, address, rules, now())
      if (state !== 'suppressed') continue
      const why = 'the test mail of sesame doctor'
      await opened.rulings.reinstate(project, address, { at: now(), by: userInfo().username, why })
      return { ...name, verdict: 'passed', found: 'came back' }
    }
    const found =
      'nothing came back within a minute: if the configuration above is as it must be, look into the dead letters (sesame replay)'
    return { ...name, verdict: 'failed', found }
  }
}

async function connected({ projects, connections }: StackAccess): Promise<string[]> {
  const all: string[] = []
  for (const { id } of await projects.all()) if (await connections.find(id)) all.push(id)
  return all
}

const Attached = v.object({ attached: v.boolean(), ...Checkup.entries })
const Sent = v.object({ step: Step })
