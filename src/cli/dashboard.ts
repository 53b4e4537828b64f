/**
 * `sesame dashboard`: serves the dashboard on this computer. It reads with the credentials of whoever runs it, and the page never sees them.
 */
import { type Command, InvalidArgumentError } from 'commander'
import { readAssets } from '../dashboard/assets.ts'
import { createDashboard, dashboardPath } from '../dashboard/dashboard.ts'
import { openDashboardServer } from '../dashboard/server.ts'
import { createSession } from '../dashboard/session.ts'
import type { DashboardDeps } from '../dashboard/stack.ts'
import type { CommandContext } from './command-context.ts'
import { userName } from './common-options.ts'
import { explainError, type Settings } from './explain-error.ts'
import { settingsOf } from './global-options.ts'
import { requestOperation } from './invoke.ts'
import type { StackAccess } from './stack.ts'
import { UsageError } from './usage-error.ts'

const minuteMs = 60_000
const defaultIdleMinutes = 30

type Options = { readonly write?: boolean; readonly port: number; readonly idle: number }

export function registerDashboard(program: Command, context: CommandContext): void {
  const { stack, print, now } = context
  program
    .command('dashboard')
    .description('serve the dashboard in a browser on this computer; it only reads unless --write is given')
    .option(
      '--write',
      'let the page suppress and reinstate addresses, replay and drop dead letters, and prove connections',
    )
    .option('--port <port>', 'port of 127.0.0.1 (default: any free port)', portNumber, 0)
    .option('--idle <minutes>', 'end after so many minutes without a request', minutes, defaultIdleMinutes)
    .action(async ({ write = false, port, idle }: Options, command: Command) => {
      const settings = settingsOf(command, process.env)
      const access = stack()
      // Credentials or permissions that are missing are reported here, and not only in the browser.
      await access.projects.all()
      const assets = await readAssets()
      const server = await openDashboardServer(port, idle * minuteMs).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'EADDRINUSE') throw error
        throw new UsageError(`Port ${port} is in use. Name another with --port, or leave it out for any free one`)
      })
      const linkOf = (token: string) => `${server.origin}${dashboardPath}#${token}`
      const session = createSession(
        () => server.origin,
        (next) => void print(`\nA browser has opened it. For another browser: ${linkOf(next)}`),
      )
      const deps = await dashboardDepsOf(access, settings, { canWrite: write, now })
      server.serve(createDashboard(deps, session, assets))
      await print(
        [
          `Dashboard of stage ${deps.stage} in ${deps.region}, ${write ? 'with --write' : 'read-only'}. Open it in a browser on this computer:`,
          '',
          `  ${linkOf(session.token())}`,
          '',
          `It ends with Ctrl-C, or after ${idle} minutes without a request.`,
        ].join('\n'),
      )
      const stop = () => void server.close()
      process.once('SIGINT', stop).once('SIGTERM', stop)
      await server.ended
      process.removeListener('SIGINT', stop).removeListener('SIGTERM', stop)
      await print('The dashboard has ended.')
    })
}

/** What the dashboard works with: the readers and the functions of the other commands. */
export async function dashboardDepsOf(
  access: StackAccess,
  settings: Settings,
  { canWrite, now }: Pick<DashboardDeps, 'canWrite' | 'now'>,
): Promise<DashboardDeps> {
  return {
    stack: access,
    ask: (name, request, answer) => requestOperation(access, name, { by: userName(), ...request }, answer),
    now,
    stage: settings.stage,
    region: settings.region ?? (await access.lambda.config.region()),
    canWrite,
    by: userName(),
    explain: (error) => explainError(error, settings),
  }
}

function portNumber(text: string): number {
  const port = Number(text)
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new InvalidArgumentError('Give a port from 0 to 65535.')
  return port
}

function minutes(text: string): number {
  const number = Number(text)
  if (!(number > 0 && number <= 1_440)) throw new InvalidArgumentError('Give a number of minutes, at most 1440.')
  return number
}
