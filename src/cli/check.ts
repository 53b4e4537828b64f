/**
 * `sesame check`: the verdict on one address.
 */
import type { Command } from 'commander'
import { normaliseAddress } from '../intake/address.ts'
import type { CommandContext } from './command-context.ts'
import { requireProject } from './stack.ts'

export function registerCheck(program: Command, { stack, print, now }: CommandContext): void {
  program
    .command('check <project> <address>')
    .description('show whether an address may be mailed, and why')
    .action(async (id: string, address: string) => {
      const access = stack()
      const { rules } = await requireProject(access, id)
      const verdict = await access.list.verdictOn(id, normaliseAddress(address), rules, now())
      print(JSON.stringify(verdict, undefined, 2))
    })
}
