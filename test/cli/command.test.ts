/** The `sesame` command as a process: options of every command, exit codes, errors, completion, and a real terminal. */
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Aws, startAws } from '../../local/aws.ts'
import packageJson from '../../package.json' with { type: 'json' }
import { registerCommands } from '../../src/cli/commands.ts'
import { assume } from '../local/sign-in.ts'
import { account } from '../suppression/feedback.ts'
import { fileReplay, run } from './operator.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const entry = join(root, 'src/cli/sesame.ts')

let aws: Aws
let env: Record<string, string>
let close: () => Promise<void>
beforeAll(async () => {
  aws = await startAws({ env: fileReplay })
  const { url, close: stop } = await aws.listen(0)
  close = async () => void (await stop())
  const RoleArn = `arn:aws:iam::${aws.account}:role/sesame/sesame-dev-us-east-1-operator`
  const session = await assume(aws, aws.credentials.root(aws.account), { RoleArn })
  env = {
    PATH: process.env.PATH ?? '',
    HOME: mkdtempSync(join(tmpdir(), 'sesame-home-')),
    TERM: 'xterm-256color',
    AWS_ENDPOINT_URL: url,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: session.accessKeyId,
    AWS_SECRET_ACCESS_KEY: session.secretAccessKey,
    AWS_SESSION_TOKEN: session.sessionToken ?? '',
  }
  await run(aws, registerCommands, 'project', 'add', 'acme', '--account', account, '--configuration-set', 'sesame-acme')
})
afterAll(() => close())

type Ended = { readonly code: number; readonly stdout: string; readonly stderr: string }

/** Runs a program beside this one, which serves the embedded AWS. */
function start(
  program: string,
  args: readonly string[],
  more: Record<string, string | undefined> = {},
): Promise<Ended> {
  const child = spawn(program, args, { cwd: root, env: { ...env, ...more }, stdio: ['ignore', 'pipe', 'pipe'] })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString()
  })
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString()
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve({ code: code ?? -1, stdout, stderr }))
  })
}
/** Keys that may do everything: what is missing then is the resource, not the permission. */
const administrator = () => {
  const { accessKeyId, secretAccessKey } = aws.credentials.root(aws.account)
  return { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_SESSION_TOKEN: undefined }
}
const sesame = (args: readonly string[], more: Record<string, string | undefined> = {}) =>
  start(process.execPath, [entry, ...args], more)

describe('the sesame command', () => {
  test('the sesame command prints its version, and its help if it is given nothing, and exits with 0', async () => {
    expect(await sesame(['--version'])).toEqual({ code: 0, stdout: `${packageJson.version}\n`, stderr: '' })
    const help = await sesame([])
    expect(help.code).toBe(0)
    expect(help.stdout).toContain('Exit codes:')
    expect(help.stdout).toContain('Examples:')
  })

  test('sesame help shows the help of a command below another, and names a command that does not exist', async () => {
    const help = await sesame(['help', 'roles', 'explain'])
    expect(help).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Usage: sesame roles explain /) })
    expect(await sesame(['help', 'roles', 'nope'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('no command roles nope'),
    })
  })

  test.each([
    ['before the name of the command', ['--stage', 'other', 'list', 'acme']],
    ['after it', ['list', 'acme', '--stage', 'other']],
    ['after the name of a command below another', ['project', 'show', 'acme', '--stage', 'other']],
  ])('the sesame command takes the stage %s', async (_, args) => {
    const { code, stderr } = await sesame(args, administrator())
    expect(stderr).toMatch(/^sesame: Sesame is not deployed as stage other in us-east-1/)
    expect(code).toBe(1)
  })

  test("the sesame command keeps its own region apart from that of the customer's SES", async () => {
    const elsewhere = await sesame(['connect', 'acme', '--region', 'eu-west-1'])
    expect(elsewhere.stderr).toContain('region is not us-east-1')
    const ours = await sesame(['--region', 'us-east-1', 'connect', 'acme', '--print', 'json'], {
      AWS_REGION: undefined,
    })
    expect(JSON.parse(ours.stdout).connection).toMatchObject({ project: 'acme', account, region: 'us-east-1' })
  })

  test.each([
    ['3 for a suppressed address', ['check', 'acme', 'ruled@example.com'], 3],
    ['0 for an address that may be mailed', ['check', 'acme', 'nobody@example.com'], 0],
    ['1 for a project that does not exist', ['check', 'nope', 'nobody@example.com'], 1],
    ['1 for the history of a project that never was', ['changes', 'nope'], 1],
    ['2 for an unknown option', ['check', 'acme', 'nobody@example.com', '--nope'], 2],
    ['2 for a missing argument', ['check', 'acme'], 2],
    ['2 for an unknown command', ['chekc'], 2],
    ['2 if a confirmation is missing', ['disconnect', 'acme'], 2],
    ['3 for a call that is denied', ['roles', 'explain', 'operator', 'ses:SendEmail', '*'], 3],
  ] as const)('the sesame command exits with %s', async (_, args, code) => {
    await run(aws, registerCommands, 'suppress', 'acme', 'ruled@example.com', '--why', 'asked')
    const ended = await sesame(args)
    expect(ended).toMatchObject({ code })
    expect(`${ended.stdout}${ended.stderr}`).not.toBe('')
  })

  test('the sesame command exits with 0 when its reader has enough', async () => {
    const { code, stderr } = await start('bash', [
      '-o',
      'pipefail',
      '-c',
      `"${process.execPath}" "${entry}" --help | head -n 1`,
    ])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  })
})

describe('an error of the sesame command', () => {
  const keys = { AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined, AWS_SESSION_TOKEN: undefined }
  const away = { AWS_EC2_METADATA_DISABLED: 'true' }

  test.each<[string, readonly string[], Record<string, string | undefined>, RegExp]>([
    [
      'the missing region',
      ['list', 'acme'],
      { AWS_REGION: undefined },
      /No region is set\. Set AWS_REGION, or add --region/,
    ],
    ['the missing credentials', ['list', 'acme'], { ...keys, ...away }, /There are no AWS credentials\. Log in/],
    [
      'the profile without credentials',
      ['list', 'acme', '--profile', 'work'],
      away,
      /The profile work gives no AWS credentials/,
    ],
    [
      'the address at which nothing answers',
      ['list', 'acme'],
      { AWS_ENDPOINT_URL: 'http://127.0.0.1:9' },
      /Nothing answers at http:\/\/127\.0\.0\.1:9, .*npm start/,
    ],
    [
      'keys of another npm start',
      ['list', 'acme'],
      { AWS_ACCESS_KEY_ID: 'AKIAOLDOLDOLDOLDOLD1', AWS_SESSION_TOKEN: undefined },
      /does not accept the credentials\. Use the export line/,
    ],
    [
      'the stage that is not deployed',
      ['list', 'acme', '--stage', 'production'],
      {},
      /role operator of stage production, or name another stage with --stage/,
    ],
    [
      'the project that does not exist',
      ['list', 'nope'],
      {},
      /project nope does not exist: add it with sesame project add/,
    ],
    [
      'the option with an unknown value',
      ['connect', 'acme', '--features', 'x'],
      {},
      /option '--features <name\.\.\.>' argument 'x' is invalid\. Known are: /,
    ],
    [
      'the reason that SES does not know',
      ['project', 'set', 'acme', '--suppress-for', 'FOO'],
      {},
      /option '--suppress-for .*Known are: BOUNCE, COMPLAINT, none/,
    ],
    [
      'the file that does not exist',
      ['suppress', 'acme', '--from', 'nope.txt', '--why', 'x'],
      {},
      /nope\.txt does not exist/,
    ],
    ['an empty stage', ['list', 'acme', '--stage', ''], {}, /option '--stage <name>' argument '' is invalid/],
  ])('an error names %s, in one sentence and without a stack trace', async (_, args, more, message) => {
    const { code, stdout, stderr } = await sesame(args, more)
    expect(stderr).toMatch(message)
    expect(stderr).toMatch(/^sesame: /)
    expect(stderr).not.toMatch(/^\s+at |node:internal|file:\/\//m)
    expect(stdout).toBe('')
    expect(code).toBeGreaterThan(0)
  })

  test('an error of missing permissions names the role, the call and the role to assume', async () => {
    const outside = aws.credentials.root('999900001111')
    const { stderr } = await sesame(['list', 'acme'], {
      AWS_ACCESS_KEY_ID: outside.accessKeyId,
      AWS_SECRET_ACCESS_KEY: outside.secretAccessKey,
      AWS_SESSION_TOKEN: undefined,
    })
    expect(stderr).toMatch(/^sesame: (These credentials may not call|Sesame is not deployed)/)
  })
})

describe('the terminal of sesame replay', () => {
  const sequence = /(\r|\n|\p{Cc}\[2K|\p{Cc}\[\d+m)/u

  /** What a terminal shows in the end: a carriage return goes to the beginning of the line, and ESC[2K clears it. */
  function screenOf(written: string): string[] {
    const lines = ['']
    for (const part of written.replaceAll('\r\n', '\n').split(sequence)) {
      if (part === '\n') lines.push('')
      else if (part === '\u001b[2K') lines[lines.length - 1] = ''
      else if (part !== '\r' && !part.startsWith('\u001b')) lines[lines.length - 1] += part
    }
    return lines.filter((line) => line !== '')
  }

  test('sesame replay shows on a terminal what it writes into a pipe, whatever progress it draws', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sesame-pty-'))
    for (let i = 0; i < 30; i++)
      writeFileSync(join(folder, `${String(i).padStart(2, '0')}.json`), i % 3 === 0 ? '{"eventType":"Bounce"}' : '[]')
    const piped = await sesame(['replay', folder])
    const command = `stty cols 60 rows 24; '${process.execPath}' '${entry}' replay '${folder}'`
    const shown = await start('script', ['-qec', command, '/dev/null'])
    expect(shown.stdout).toContain('\u001b[2K')
    expect(screenOf(shown.stdout).sort()).toEqual(piped.stdout.trimEnd().split('\n').sort())
    expect(shown.code).toBe(1)
  })

  test('sesame project list fits a terminal of 40 columns', async () => {
    await run(
      aws,
      registerCommands,
      'project',
      'add',
      'a-project-with-a-long-name',
      '--account',
      '444455556666',
      '--configuration-set',
      'marketing',
      'transactional',
    )
    const { stdout } = await start('script', [
      '-qec',
      `stty cols 40 rows 24; '${process.execPath}' '${entry}' project list`,
      '/dev/null',
    ])
    for (const line of screenOf(stdout)) expect(line.length).toBeLessThanOrEqual(40)
    expect(screenOf(stdout).join('')).toContain('marketing')
  })
})

describe('a question on the terminal', () => {
  /** Types on the keyboard of a pseudo-terminal. */
  const typed = (text: string) =>
    start('bash', [
      '-c',
      `(sleep 1; printf '${text}') | script -qec "'${process.execPath}' '${entry}' project remove typed" /dev/null`,
    ])

  test('what cannot be undone is asked for, and nothing is done without a yes', async () => {
    await run(aws, registerCommands, 'project', 'add', 'typed', '--account', '777788889999')
    const refused = await typed('n\\n')
    expect(refused.stdout).toContain('The settings and rules of typed are deleted')
    expect(refused.stdout).toContain('Nothing was done')
    expect(refused.code).toBe(2)
    const done = await typed('y\\n')
    expect(done.stdout).toContain('typed removed.')
    expect(done.code).toBe(0)
  })
})

describe('sesame completion', () => {
  const completed = (line: string) => {
    const words = line.split(' ')
    const script = `source <("${process.execPath}" "${entry}" completion bash); COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}; _sesame; printf '%s\\n' "\${COMPREPLY[@]}"`
    const { stdout, stderr } = spawnSync('bash', ['-c', script], { cwd: root, encoding: 'utf8' })
    expect(stderr).toBe('')
    return stdout.trimEnd().split('\n')
  }

  test.each([
    ['sesame che', ['check']],
    ['sesame project re', ['remove']],
    ['sesame list acme --lim', ['--limit']],
    ['sesame list acme --output ', ['table', 'json', 'csv']],
    ['sesame project add --acc', ['--account']],
    ['sesame completion ', ['--help']],
  ])('sesame completion bash completes `%s`', (line, words) => {
    const found = completed(line)
    if (line.endsWith('completion ')) expect(found).toContain('--stage')
    else expect(found).toEqual(words)
  })

  test.each(['zsh', 'fish'])('sesame completion %s names every command', async (shell) => {
    const { stdout } = await sesame(['completion', shell])
    for (const name of ['reconcile', 'dead-letters', 'roles explain']) expect(stdout).toContain(name)
    const syntax = spawnSync(shell, ['-n'], { input: stdout, encoding: 'utf8' })
    // Checked where the shell is installed.
    if (syntax.error === undefined) expect(syntax).toMatchObject({ status: 0, stderr: '' })
  })
})
