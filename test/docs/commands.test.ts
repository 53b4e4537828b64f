/**
 * Every command that a page shows works when it is typed. Commands of `sesame` run against the embedded AWS, with a connected customer. Those
 * that need the real AWS are listed with the reason.
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import type { Command } from 'commander'
import { beforeAll, describe, expect, test } from 'vitest'
import { factoriesFor } from '../../local/webhook-receivers.ts'
import packageJson from '../../package.json' with { type: 'json' }
import { commandsOf, pathOf } from '../../src/cli/command-tree.ts'
import { registerCommands } from '../../src/cli/commands.ts'
import { examplesOf } from '../../src/cli/examples.ts'
import { createProgram } from '../../src/cli/program.ts'
import { createTerminal } from '../../src/cli/terminal.ts'
import { features } from '../../src/projects/connection.ts'
import { publicNetwork } from '../../src/webhooks/post.ts'
import { provenAccount, type Stack } from '../access/proof/proven-account.ts'
import { fileReplay, memoryStream, operatorOf, run } from '../cli/operator.ts'
import { assume } from '../local/sign-in.ts'
import { sesEvent } from '../suppression/feedback.ts'
import { blocksOf, mentionsIn, pages, sources, textOf, wordsOf } from './documented-commands.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const blocks = pages.flatMap(blocksOf)

/** Commands that no test runs here, with the reason. */
const elsewhere: readonly (readonly [command: RegExp, why: string])[] = [
  [/^npm (link|install --global )/, 'changes the machine; test/cli/package.test.ts runs the package'],
  [/^(export|unset) /, 'settings of the shell'],
  [/^(for .*; do|done)$/, 'a loop around AWS commands'],
  [/^(bucket|key)=\$\(aws /, 'needs the real AWS'],
  [/^aws (cloudformation|dynamodb|iam|s3|s3api) /, 'needs the real AWS: deployment and removal of a stack'],
  [/^aws sesv2 /, 'calls of the AWS CLI: test/local/protocols.test.ts'],
  [/^npx serverless remove /, 'needs the real AWS'],
  [/^pipx /, 'changes the machine'],
  [/^(git|cd|curl|mkdir) /, 'a tool of the machine'],
]

/** What a page shows with a fault on purpose: its commands may end with 1. */
const showsFailures = new Set(['docs/doctor.md', 'docs/troubleshooting.md'])

const folder = mkdtempSync(join(tmpdir(), 'sesame-docs-'))
writeFileSync(join(folder, 'addresses.txt'), 'one@example.com\ntwo@example.com\n')
const bounce = (address: string, set: string) =>
  sesEvent({ kind: 'hard', addresses: [address], at: new Date('2026-03-04T05:00:00Z'), feedbackId: address }, set)
writeFileSync(join(folder, 'archive.gz'), gzipSync(JSON.stringify(bounce('old@example.com', 'sesame-acme'))))

type Prepared = { readonly stack: Stack; readonly letter: string }

/** A network in which no name has an address: the receivers that pages name do not exist. */
const noNames = { ...publicNetwork, resolve: async () => [] }

/** The stack with the connected customer acme, a suppressed address, and a dead letter. */
async function prepared(): Promise<Prepared> {
  const stack = await provenAccount(fileReplay, { factories: factoriesFor('http://127.0.0.1:1', noNames) })
  await stack.identity()
  const acme = await stack.connect('acme', { features: [...features] })
  stack.makeRole(acme.roleInput)
  await stack.attach('acme', acme.roleArn)
  await run(stack.aws, registerCommands, 'configure', 'acme')
  const text = ['--subject', 'Order {{order}}', '--text', join(root, 'events/templates/shipped.hbs')]
  await run(stack.aws, registerCommands, 'templates', 'put', 'acme', 'shipped', ...text)
  const topic = `arn:aws:sns:us-east-1:${stack.aws.account}:sesame-dev-connected-bounces-1`
  for (const event of [bounce('gone@customer.example', 'sesame-acme'), bounce('lost@customer.example', 'nobodys-set')])
    await stack.aws.callAsService(
      'ses.amazonaws.com',
      { sourceAccount: '111122223333', sourceArn: 'arn:aws:ses:us-east-1:111122223333:configuration-set/sesame-acme' },
      'sns',
      'Publish',
      { TopicArn: topic, Message: JSON.stringify(event) },
    )
  await stack.aws.settled()
  const letters = await run(stack.aws, registerCommands, 'dead-letters', 'list', '--each', '--json')
  return { stack, letter: JSON.parse(letters.printed.split('\n')[0] ?? '{}').id ?? '' }
}

/** The dead letter belongs to a project now. A missing owner is cached for some seconds. */
async function giveAnOwner({ stack: { aws, clock } }: Prepared): Promise<void> {
  const account = '111122223333'
  await run(
    aws,
    registerCommands,
    'project',
    'add',
    // A project that has proven the account: no other can claim a configuration set of it.
    'acme',
    '--account',
    account,
    '--configuration-set',
    'nobodys-set',
  )
  clock.advance(60_000)
}

/** The command with the files and the dead letter that exist here. */
const here = (command: string, { letter }: Prepared) =>
  command
    .replace(/[\w./-]*addresses\.txt/, join(folder, 'addresses.txt'))
    .replace(/[\w./-]*archive\.gz/, join(folder, 'archive.gz'))
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}/, letter)
    .replace(/--stage production|--region eu-west-1/g, '')
    // It ends by itself if nobody opens it.
    .replace(/sesame dashboard/, 'sesame dashboard --idle 0.001')
    .replace('role/sesame/sesame-production-eu-west-1-acme', 'role/sesame/sesame-acme')

const isSimple = (command: string) => !/[|&<>$]/.test(command.replaceAll(/'[^']*'|"[^"]*"/g, ''))

/** Runs a command of `sesame`: in this process, or through bash if it is more than one command. @returns its exit code */
async function runHere(command: string, state: Prepared): Promise<number> {
  const { aws } = state.stack
  if (!isSimple(command)) return inShell(command, state)
  const terminal = createTerminal(memoryStream(), memoryStream())
  const access = await operatorOf(aws)
  const program = createProgram(
    { stack: () => access, print: terminal.print, now: () => aws.clock.now() },
    { out: terminal.print, error: terminal.printError },
  )
  process.exitCode = 0
  const args = wordsOf(command.replace(/^npx /, '')).slice(1)
  await (args.length === 0 || args.includes('--help') ? undefined : program.parseAsync(args, { from: 'user' }))
  const code = Number(process.exitCode)
  process.exitCode = 0
  return code
}

async function inShell(command: string, { stack: { aws } }: Prepared): Promise<number> {
  const { url, close } = await aws.listen(0)
  const RoleArn = `arn:aws:iam::${aws.account}:role/sesame/sesame-dev-us-east-1-operator`
  const session = await assume(aws, aws.credentials.root(aws.account), { RoleArn })
  const script = `sesame() { "${process.execPath}" "${root}src/cli/sesame.ts" "$@"; }; ${command}`
  const child = spawn('bash', ['-c', script], {
    stdio: 'ignore',
    cwd: root,
    env: {
      PATH: process.env.PATH,
      AWS_ENDPOINT_URL: url,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: session.accessKeyId,
      AWS_SECRET_ACCESS_KEY: session.secretAccessKey,
      AWS_SESSION_TOKEN: session.sessionToken,
    },
  })
  const code = await new Promise<number>((resolve) => child.on('close', (ended) => resolve(ended ?? -1)))
  await close()
  return code
}

const isSesame = (command: string) => /(^|[|(] ?)(npx )?sesame /.test(command)
/** A block that changes the connection of acme has a stack of its own. */
const changesConnection =
  /sesame (--\S+ \S+ )*(connect|rotate|disconnect|attach|project (add|set|remove)|dead-letters (drop|replay)|replay --yes)/
const shown = blocks
  .filter(({ commands }) => commands.some(isSesame))
  .map((block) => [`${block.page}:${block.line}`, block] as const)

describe('a documented command of sesame works when it is typed', () => {
  let shared: Prepared
  beforeAll(async () => {
    shared = await prepared()
  })

  test.each(shown)('the commands at %s', async (_, { page, commands }) => {
    const state = commands.some((command) => changesConnection.test(command)) ? await prepared() : shared
    if (commands.some((command) => /project remove/.test(command)))
      await run(state.stack.aws, registerCommands, 'disconnect', 'acme', '--yes')
    if (commands.some((command) => /replay/.test(command))) await giveAnOwner(state)
    for (const command of commands.filter(isSesame)) {
      const code = await runHere(here(command, state), state)
      const allowed = showsFailures.has(page) || command.endsWith('parse events') ? [0, 1, 3] : [0, 3]
      expect(allowed, `${command} ended with ${code}`).toContain(code)
    }
  })
})

describe('a documented command of another program', () => {
  const others = blocks.flatMap(({ page, commands }) =>
    commands.filter((one) => !isSesame(one)).map((one) => [one, page] as const),
  )

  test.each(others)(
    '%s (%s) is a script of package.json, or is listed with the reason why no test runs it',
    (command) => {
      const [, script = command.startsWith('npm start') ? 'start' : 'test'] = /^npm run ([\w:-]+)/.exec(command) ?? []
      if (/^npm (run|start|test)\b/.test(command)) expect(Object.keys(packageJson.scripts)).toContain(script)
      else expect(elsewhere.filter(([known]) => known.test(command))).not.toEqual([])
    },
  )

  test('every reason is needed', () => {
    const unused = elsewhere.filter(
      ([known]) => !others.some(([command]) => known.test(command)) && known.source.startsWith('^aws'),
    )
    expect(unused).toEqual([])
  })
})

describe('a mention of a command', () => {
  const program = createProgram(
    { stack: () => Promise.reject(new Error('not used')) as never, print: () => {}, now: () => new Date(0) },
    { out: () => {}, error: () => {} },
  )
  /** Words that follow the name of the product in a sentence. */
  const noCommands = new Set(['command', 'back', 'itself', 'people', 'cursor'])

  /** What is wrong with a mention: the first word that is neither a command nor an option of it. */
  function problemOf(words: readonly string[]): string | undefined {
    let at: Command = program
    for (const [i, word] of words.entries()) {
      if (at === program && /^--(stage|region|profile)$/.test(words[i - 1] ?? '')) continue
      if (word === '…' || word === '...') return undefined
      if (word.startsWith('--')) {
        const flag = word.replace(/[=…].*$/, '')
        if (![...at.options, ...program.options].some(({ long }) => long === flag) && flag !== '--help')
          return `${word} is no option`
        continue
      }
      const alternatives = word.split(/\\?\|/)
      const children = alternatives.map((name) => at.commands.find((child) => child.name() === name))
      const [child] = children
      if (child && children.every(Boolean)) at = child
      else if (at === program || (at.commands.length > 0 && /^[a-z]/.test(word) && at.registeredArguments.length === 0))
        return `${word} is no command`
    }
    return undefined
  }

  test('a mention of a command in a page or in a text of the source names a command that exists', () => {
    const wrong = [...pages.filter((page) => page !== 'CHANGELOG.md'), ...sources]
      .flatMap(mentionsIn)
      .flatMap(({ at, words }) => {
        if (noCommands.has(words[0] ?? '')) return []
        const problem = /^(src|local)/.test(at) ? problemOf(words.slice(0, 1)) : problemOf(words)
        return problem === undefined ? [] : [`${at}: sesame ${words.join(' ')}: ${problem}`]
      })
    expect(wrong).toEqual([])
  })

  test('a mention of a command that does not exist would be noticed', () => {
    expect(problemOf(['mend', 'acme'])).toBe('mend is no command')
    expect(problemOf(['project', 'drop', 'acme'])).toBe('drop is no command')
    expect(problemOf(['list', 'acme', '--colour'])).toBe('--colour is no option')
    expect(problemOf(['list|check', 'PROJECT', '…'])).toBeUndefined()
  })

  test('every command has an example, which docs/cli.md shows and a test above runs', () => {
    const leaves = commandsOf(program).filter(({ commands, parent }) => parent !== null && commands.length === 0)
    expect(leaves.map(pathOf).filter((path) => examplesOf(path).length === 0)).toEqual([])
    for (const path of leaves.map(pathOf)) expect(textOf('docs/cli.md')).toContain(`### sesame ${path}\n`)
  })

  test('the pages with commands are read', () => {
    expect(blocks.length).toBeGreaterThan(30)
    expect(textOf('docs/cli.md')).toContain('## Exit codes')
  })
})
