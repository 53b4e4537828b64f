/**
 * `sesame list | check | suppress | reinstate`: the suppression list of a project.
 */
import { userInfo } from 'node:os'
import type { Command } from 'commander'
import { normaliseAddress } from '../intake/address.ts'
import type { Listed } from '../suppression/read-list.ts'
import type { Open } from './open.ts'
import { existing } from './project.ts'
import { suppressionTable } from './suppression-table.ts'

export function registerSuppressions(program: Command, { stack, print, now }: Open): void {
  program
    .command('list <project>')
    .description('the addresses that are suppressed')
    .option('--all', 'also those that are clear although something is known of them', false)
    .option('--json', 'one JSON object a line', false)
    .action(async (id: string, options: { all: boolean; json: boolean }) => {
      const opened = stack()
      const { rules } = await existing(opened, id)
      const shown: Listed[] = []
      for await (const listed of opened.list.all(id, rules, now())) {
        if (!options.all && listed.verdict.state === 'clear') continue
        if (options.json) print(JSON.stringify(listed))
        else shown.push(listed)
      }
      if (!options.json) print(suppressionTable(shown))
    })

  program
    .command('check <project> <address>')
    .description('may the address be mailed, and why (not)')
    .action(async (id: string, address: string) => {
      const opened = stack()
      const { rules } = await existing(opened, id)
      const verdict = await opened.list.verdictOn(id, normaliseAddress(address), rules, now())
      print(JSON.stringify(verdict, undefined, 2))
    })

  for (const [name, does] of [
    ['suppress', 'suppress an address by hand'],
    ['reinstate', 'let an address be mailed again: overrules what is known of it so far, not what comes later'],
  ] as const) {
    program
      .command(`${name} <project> <address>`)
      .description(does)
      .requiredOption('--why <text>', 'the reason, kept with the ruling')
      .option('--by <name>', 'who rules', userInfo().username)
      .action(async (id: string, address: string, { why, by }: { why: string; by: string }) => {
        const opened = stack()
        await existing(opened, id)
        print(await opened.rulings[name](id, normaliseAddress(address), { at: now(), by, why }))
      })
  }
}
