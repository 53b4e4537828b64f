/**
 * `sesame suppress | reinstate`: a ruling on one address.
 */
import type { Command } from 'commander'
import { normaliseAddress } from '../intake/address.ts'
import { type CommandContext, withByOption } from './command-context.ts'
import { requireProject } from './stack.ts'

const descriptions = {
  suppress: 'suppress an address',
  reinstate: 'allow mail to an address again; overrides existing evidence, not future evidence',
} as const

export function registerRule(program: Command, { stack, print, now }: CommandContext): void {
  for (const ruling of ['suppress', 'reinstate'] as const) {
    withByOption(program.command(`${ruling} <project> <address>`))
      .description(descriptions[ruling])
      .requiredOption('--why <text>', 'reason, stored with the ruling')
      .action(async (id: string, address: string, { why, by }: { why: string; by: string }) => {
        const access = stack()
        await requireProject(access, id)
        print(await access.rulings[ruling](id, normaliseAddress(address), { at: now(), by, why }))
      })
  }
}
