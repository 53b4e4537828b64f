/** `npm start` as a process: what it prints, how it fails, and that what it prints works when typed. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const run = promisify(execFile)

type Ended = { readonly code: number; readonly stdout: string; readonly stderr: string }

async function start(args: readonly string[], command = 'node local/demo/start.ts'): Promise<Ended> {
  const [file = '', ...before] = command.split(' ')
  const child = spawn(file, [...before, ...args], { cwd: root, env: { ...process.env, NO_COLOR: '1' } })
  const text = { stdout: '', stderr: '' }
  child.stdout.on('data', (part) => {
    text.stdout += part
  })
  child.stderr.on('data', (part) => {
    text.stderr += part
  })
  const [code] = await once(child, 'close')
  return { code, ...text }
}

test.each([
  [['--nonsense'], "Unknown option '--nonsense'. npm start -- --help lists the options.\n"],
  [['--port', 'abc'], '--port must be a number from 0 to 65535, not "abc". npm start -- --help lists the options.\n'],
  [
    ['--port', '99999'],
    '--port must be a number from 0 to 65535, not "99999". npm start -- --help lists the options.\n',
  ],
  [['--port'], "Option '--port <value>' argument missing. npm start -- --help lists the options.\n"],
])('npm start with %j says in one line what is wrong, and exits with 2', async (args, stderr) => {
  expect(await start(args)).toEqual({ code: 2, stdout: '', stderr })
})

test('npm start --help lists every option, and starts nothing', async () => {
  const { code, stdout } = await start(['--help'])
  expect(code).toBe(0)
  for (const option of ['--port', '--once', '--verbose', '--help']) expect(stdout).toContain(option)
})

test('npm start says at once that its port is in use, and names another', async () => {
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  const { port } = Object(other.address())
  const { code, stdout, stderr } = await start(['--port', String(port)])
  other.close()
  expect([code, stdout, stderr]).toEqual([2, '', `Port ${port} is in use. Choose another: npm start -- --port 4567\n`])
})

describe('npm start that serves', () => {
  let child: ChildProcess
  let printed = ''
  const has = async (pattern: RegExp): Promise<string> => {
    for (let tries = 0; tries < 600; tries++) {
      const [found] = pattern.exec(printed) ?? []
      if (found !== undefined) return found
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    throw new Error(`Not printed: ${pattern}\n${printed}`)
  }
  beforeAll(async () => {
    child = spawn('node', ['bin/ready.mjs', 'node', 'local/demo/start.ts', '--port', '0'], { cwd: root })
    child.stdout?.on('data', (part) => {
      printed += part
    })
    await has(/Invocations from now on:/)
  }, 60_000)
  afterAll(() => void child.kill())

  /** Types lines in a shell that has leftovers of a sign-in to AWS. */
  const type = async (commands: string) => {
    const env = { ...process.env, AWS_PROFILE: 'work', AWS_SESSION_TOKEN: 'left over', AWS_PAGER: '' }
    try {
      return { code: 0, ...(await run('sh', ['-c', commands], { cwd: root, env })) }
    } catch (failed) {
      return {
        code: Number(Object(failed).code),
        stdout: String(Object(failed).stdout),
        stderr: String(Object(failed).stderr),
      }
    }
  }
  const exportsPrinted = () => /^unset AWS_PROFILE[\s\S]*?(?=\n\n)/m.exec(printed)?.[0] ?? ''

  test('prints the address of the dashboard at the start and at the end, and serves it on the same port', async () => {
    const links = printed.match(/http:\/\/127\.0\.0\.1:\d+\/dashboard\/#[\w-]{43}/g) ?? []
    expect(links).toHaveLength(2)
    const [link = ''] = links
    const page = await fetch(link)
    expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('<title>Sesame</title>')])
    const { origin, hash } = new URL(link)
    const asked = (path: string, init: RequestInit = {}) =>
      fetch(`${origin}/dashboard/api/${path}`, {
        ...init,
        headers: { origin, 'x-sesame-dashboard': '1', ...init.headers },
      })
    const session = await asked('session', { method: 'POST', body: JSON.stringify({ token: hash.slice(1) }) })
    const cookie = session.headers.get('set-cookie')?.split(';')[0] ?? ''
    const { today, projects } = await (await asked('overview', { headers: { cookie } })).json()
    expect(today.sent).toBeGreaterThan(10)
    expect(projects.map(({ id }: { id: string }) => id)).toEqual(['acme', 'globex', 'hooli'])
    expect((await asked('overview')).status).toBe(401)
    await has(/A browser has opened the dashboard/)
  })

  test('prints a report that fits on a screen, without escape codes in a pipe and without a word that only we know', () => {
    const [report = ''] = printed.split('Invocations from now on:')
    const lines = report.split('\n')
    expect(lines.length).toBeLessThan(66)
    expect(printed).not.toContain('\u001b')
    expect(printed).not.toMatch(/malformed|undefined/)
    for (const line of lines) expect(line.length).toBeLessThan(150)
    expect(printed).toContain('✗  hooli'.replace('✗', '✓'))
    expect(printed).toContain('All checks passed.')
  })

  test('prints exports and sesame commands that work when typed, whatever is left in the environment', async () => {
    const exports = exportsPrinted()
    const list = await type(`${exports}\nnpx sesame list acme`)
    expect(list.stdout).toContain('gone@customer.example')
    const check = await type(`${exports}\nnpx sesame check acme gone@customer.example`)
    expect(check.code).toBe(3)
    expect(check.stdout).toContain('hard bounce')
  }, 60_000)

  test('prints a mail to send, and one line for each invocation that follows', async (context) => {
    const exports = exportsPrinted()
    const mail = /^AWS_ACCESS_KEY_ID[\s\S]*?(?=\n\n)/m.exec(printed)?.[0] ?? ''
    expect(mail).toContain('aws sesv2 send-email')
    if ((await type('aws --version')).code !== 0) return context.skip('the AWS CLI is not installed')
    const sent = await type(`${exports}\n${mail}`)
    expect(sent).toMatchObject({ code: 0, stdout: expect.stringContaining('MessageId') })
    await has(
      /\d\d:\d\d:\d\d {2}record-bounce +Bounce Permanent\/General {2}bounce@simulator.amazonses.com {2}→ recorded/,
    )
  }, 60_000)

  test('ends with the process that started it, and on SIGTERM, with exit code 0', async () => {
    const ended = once(child, 'exit')
    child.kill('SIGTERM')
    expect(await ended).toEqual([0, null])
  }, 20_000)
})

test('npm start whose reader stops reading ends without an error', async () => {
  const { stdout, stderr } = await run('sh', ['-c', 'node local/demo/start.ts --once | head -1'], { cwd: root })
  expect(stdout).toContain('Sesame on an embedded AWS')
  expect(stderr).toBe('')
}, 60_000)
