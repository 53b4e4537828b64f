/**
 * `sesame tail`: prints what happens to mail and to the suppression lists, as it happens.
 *
 * It asks again and again: the activity of mail that was sent lately, and each list as long as it is short. Nothing is written, and addresses
 * are masked unless somebody asks for them.
 */
import type { Command } from 'commander'
import { concurrently } from '../concurrently.ts'
import { maskedOf } from '../intake/masked-address.ts'
import type { Project } from '../projects/project.ts'
import type { CommandContext } from './command-context.ts'
import { type OutputOptions, positiveNumber, withOutputOption } from './common-options.ts'
import { csvLine } from './output.ts'
import { printableLine } from './printable.ts'
import { requireProject, type StackAccess } from './stack.ts'
import { createListFollower, type Happening, happeningOf } from './tail-happenings.ts'
import { UsageError } from './usage-error.ts'

type Options = OutputOptions & { showAddresses?: true; interval: number; mailAge: number; last: number }

/** More are not asked again and again by one person. */
const mostProjects = 50
const projectsAtOnce = 8
/** Failures in a row that are waited out. */
const mostFailures = 5
const minuteMs = 60_000

const headings = ['at', 'project', 'event', 'address', 'detail', 'message']

export function registerTail(program: Command, context: CommandContext): void {
  const { stack, print, now } = context
  withOutputOption(program.command('tail [project]'))
    .description(
      'follow the events of one project or of all: what happens to mail, and changes of the suppression list',
    )
    .option('--show-addresses', 'print addresses in full instead of masked')
    .option('--interval <seconds>', 'time between two looks', positiveNumber, 2)
    .option('--mail-age <minutes>', 'follow mail that was sent in the last so many minutes', positiveNumber, 15)
    .option('--last <n>', 'first print the last so many events of that mail', positiveNumber, 10)
    .action(async (id: string | undefined, { interval, mailAge, last, ...options }: Options) => {
      const access = stack()
      const follow = createFollower(access, await projectsToFollow(access, id), mailAge * minuteMs)
      const show = async (happenings: readonly Happening[]) => {
        for (const one of happenings) await print(lineOf(one, options))
      }
      if (options.output === 'csv') await print(csvLine(headings))
      await show((await follow(now())).slice(-last))
      for (let failures = 0; await isStillWanted(context, interval * 1_000); ) {
        try {
          await show(await follow(now()))
          failures = 0
        } catch (error) {
          if (++failures >= mostFailures) throw error
          context.progress?.('no answer; asking again …')
        }
      }
    })
}

async function isStillWanted({ wait }: CommandContext, milliseconds: number): Promise<boolean> {
  return wait === undefined ? false : (await wait(milliseconds)) === 'elapsed'
}

/** @throws UsageError for all projects of a stack with many */
async function projectsToFollow(access: StackAccess, id: string | undefined): Promise<readonly Project[]> {
  if (id !== undefined) return [await requireProject(access, id)]
  const all = await access.projects.all()
  if (all.length <= mostProjects) return all
  throw new UsageError(`The stack has ${all.length} projects. Follow one: sesame tail PROJECT`)
}

/** Returns a function that returns what has happened since its last call, oldest first. The first call returns what happened before. */
function createFollower(access: StackAccess, projects: readonly Project[], mailAgeMs: number) {
  const followed = projects.map((project) => ({ project, list: createListFollower(access, project) }))
  let seen = new Set<string>()
  return async (now: Date): Promise<Happening[]> => {
    const happenings: Happening[] = []
    const present = new Set<string>()
    await concurrently(followed, projectsAtOnce, async ({ project, list }) => {
      for (const event of await access.recentEvents(project.id, new Date(now.getTime() - mailAgeMs), now)) {
        const name = `${project.id} ${event.key}`
        present.add(name)
        if (!seen.has(name)) happenings.push(happeningOf(project.id, event))
      }
      happenings.push(...(await list(now)))
    })
    seen = present
    return happenings.sort((one, other) => one.at.getTime() - other.at.getTime())
  }
}

function lineOf(
  { at, project, event, address, detail, messageId }: Happening,
  options: Omit<Options, 'interval' | 'mailAge' | 'last'>,
): string {
  const shown = address === undefined || options.showAddresses ? address : maskedOf(address)
  if (options.output === 'json') return JSON.stringify({ at, project, event, address: shown, detail, messageId })
  if (options.output === 'csv')
    return csvLine([at.toISOString(), project, event, shown ?? '', detail ?? '', messageId ?? ''])
  const time = at.toISOString().slice(0, 19).replace('T', ' ')
  const parts = [time, project.padEnd(12), event.padEnd(13), shown, detail]
  return printableLine(parts.filter((part) => part !== undefined && part !== '').join('  '))
}
