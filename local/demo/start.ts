/**
 * `npm start`: starts the embedded AWS from the deployed files, runs the main flow on it, prints what happened, and keeps serving.
 *
 * The port is opened first: it is part of the links that Sesame makes, and a port in use is reported at once. Exit codes: 0 if all checks
 * passed, 1 if one failed, 2 if it cannot start.
 */
import { styleText } from 'node:util'
import { dashboardPath } from '../../src/dashboard/dashboard.ts'
import { RoleNotIncludedError } from '../../src/template/included-roles.ts'
import { UnresolvedError } from '../../src/template/resolve.ts'
import { YamlFileError } from '../../src/template/yaml-file.ts'
import { type Aws, startAws } from '../aws.ts'
import { AwsError } from '../service.ts'
import { StateFileError } from '../state/state-file.ts'
import { factoriesFor } from '../webhook-receivers.ts'
import { type OpenPort, openPort } from '../wire/port.ts'
import { demoDashboard, type ServedDashboard } from './dashboard.ts'
import { type DataFolder, openDataFolder, restoredReport } from './data.ts'
import { help, readStartOptions, StartOptionError, type StartOptions } from './options.ts'
import { fullReport, shortReport } from './report.ts'
import { brokenRoleFiles } from './role-files.ts'
import { neededCallsRefused, runMainFlow } from './run.ts'
import { instructions, serveUntilStopped } from './serve.ts'

const place = { account: '123456789012', region: 'us-east-1', stage: 'dev' }

const say = (text = '') => void process.stdout.write(`${text}\n`)
const heading = (text: string) => say(`\n${styleText('bold', text)}`)

/** Something that the person who starts it must change. */
class CannotStartError extends Error {
  override readonly name = 'CannotStartError'
  readonly retryable = false
}

async function main(): Promise<number> {
  const options = readStartOptions(process.argv.slice(2), process.env)
  if (options.help) {
    say(help)
    return 0
  }
  const port = options.once ? undefined : await portOf(options)
  const broken = brokenRoleFiles()
  if (broken.length > 0) throw new CannotStartError(broken.join('\n'))
  const data = options.data === undefined ? undefined : openDataFolder(options.data, place)
  try {
    const aws = await deployed(port, options, data?.saved?.runs)
    await data?.restore(aws)
    const dashboard = port && (await openDashboard(aws, port))
    say('Sesame on an embedded AWS: real SDK calls, checked signatures, every call judged by the files in iam/.')
    if (dashboard) say(`The dashboard fills while this runs: ${dashboard.link()}`)
    const failures = data?.saved ? await reportRestored(aws, data) : await report(aws, options)
    await data?.save(aws)
    if (port) await serve(aws, port, data, dashboard)
    return failures.length === 0 ? 0 : 1
  } finally {
    data?.close()
  }
}

/** Serves the dashboard from the beginning, so that it fills while the main flow runs. */
async function openDashboard(aws: Aws, port: OpenPort): Promise<ServedDashboard> {
  const dashboard = await demoDashboard(aws, port.url, () =>
    say(`A browser has opened the dashboard. For another browser: ${dashboard.link()}`),
  )
  port.serveBelow(dashboardPath, dashboard.handle)
  return dashboard
}

async function serve(
  aws: Aws,
  port: OpenPort,
  data: DataFolder | undefined,
  dashboard: ServedDashboard | undefined,
): Promise<void> {
  heading(`Serving at ${port.url} until Ctrl-C. Type in another terminal:\n`)
  say(instructions(aws, port.url))
  if (dashboard) say(`\nDashboard: ${dashboard.link()}`)
  heading('Invocations from now on:')
  const stopSaving = data?.saveWhenQuiet(aws, notSaved)
  await serveUntilStopped(aws, port, say)
  stopSaving?.()
  await data?.save(aws)
}

function notSaved(cause: unknown): void {
  process.stderr.write(`The state was not saved: ${cause instanceof Error ? cause.message : String(cause)}\n`)
}

async function portOf({ port }: StartOptions): Promise<OpenPort> {
  return openPort(port).catch((cause: NodeJS.ErrnoException) => {
    const reason = cause.code === 'EADDRINUSE' ? 'is in use' : `cannot be opened (${cause.code})`
    throw new CannotStartError(`Port ${port} ${reason}. Choose another: npm start -- --port 4567`, { cause })
  })
}

/** @param runs the number of runs that wrote the state to go on with */
async function deployed(port: OpenPort | undefined, { webhookReceiver }: StartOptions, runs = 0): Promise<Aws> {
  try {
    // The replay of files is off by default. The demo and the commands that one tries on it replay sample events.
    const env = { SESAME_FILE_REPLAY_UNTIL: '2100-01-01T00:00:00Z' }
    return await startAws({
      ...place,
      hasFixedKeys: true,
      runs,
      env,
      ...(port && { endpoint: port.url }),
      ...(webhookReceiver && { factories: factoriesFor(webhookReceiver) }),
    })
  } catch (cause) {
    if (isAboutFiles(cause)) throw new CannotStartError(`The stack cannot be deployed. ${cause.message}`, { cause })
    throw cause
  }
}

const isAboutFiles = (cause: unknown): cause is Error =>
  [RoleNotIncludedError, UnresolvedError, YamlFileError, AwsError].some((kind) => cause instanceof kind)

/** Runs the main flow and prints its report. @returns the failed checks */
async function report(aws: Aws, options: StartOptions): Promise<readonly string[]> {
  const failures = await failuresOf(aws, options)
  if (failures.length === 0) heading(styleText('green', 'All checks passed.'))
  else heading(styleText('red', 'Failed:'))
  for (const failure of failures) say(`- ${failure}`)
  return failures
}

async function reportRestored(aws: Aws, data: DataFolder): Promise<readonly string[]> {
  say(`\n${await restoredReport(aws, data)}`)
  return []
}

/** @returns the failed checks, the refusals that stopped the flow included */
async function failuresOf(aws: Aws, { verbose }: StartOptions): Promise<readonly string[]> {
  try {
    const flow = await runMainFlow(aws)
    for (const section of verbose ? fullReport(flow) : shortReport(flow, process.stdout.columns)) {
      heading(section.heading)
      say(section.text)
    }
    return flow.failures
  } catch (cause) {
    return [
      ...neededCallsRefused(aws.record),
      `The main flow stopped: ${cause instanceof Error ? cause.message : String(cause)}`,
    ]
  }
}

const isForUser = (cause: unknown): cause is Error =>
  [StartOptionError, CannotStartError, StateFileError].some((kind) => cause instanceof kind)

// Whoever reads the output may stop reading (`npm start | head`).
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit(0)
})

try {
  process.exitCode = await main()
} catch (cause) {
  if (!isForUser(cause)) throw cause
  process.stderr.write(`${cause.message}\n`)
  process.exitCode = 2
}
// A client may hold a connection open.
process.exit()
