/** Serves the embedded AWS after the main flow: what to type, one line per invocation, and a clean end. */
import { printableLine } from '../../src/cli/printable.ts'
import type { Aws } from '../aws.ts'
import type { Attempt } from '../lambda/function.ts'
import type { OpenPort } from '../wire/port.ts'
import { customers, newcomer } from './customers.ts'
import { labelOf, outcomeOf } from './event-label.ts'

/** What to type in another terminal. */
export function instructions(aws: Aws, url: string): string {
  const [{ id, account }] = customers
  const [ours, theirs, next] = [aws.account, account, newcomer.account].map((one) => aws.credentials.root(one))
  const keys = (key: typeof ours) =>
    `AWS_ACCESS_KEY_ID=${key?.accessKeyId} AWS_SECRET_ACCESS_KEY=${key?.secretAccessKey}`
  return `unset AWS_PROFILE AWS_SESSION_TOKEN
export AWS_ENDPOINT_URL=${url} AWS_REGION=${aws.region} AWS_DEFAULT_REGION=${aws.region}
export ${keys(ours)}

npx sesame list ${id}
npx sesame check ${id} gone@customer.example
${keys(theirs)} aws sesv2 send-email \\
  --from-email-address hello@${id}.example --destination ToAddresses=bounce@simulator.amazonses.com \\
  --content 'Simple={Subject={Data=Hi},Body={Text={Data=Hi}}}' --configuration-set-name sesame-${id}

# npx sesame tail shows what happens to mail while it runs, also this bounce. Ctrl-C ends it.

# Account ${newcomer.account} is not connected yet. To connect it as its administrator (docs/embedded-aws.md):
# export ${keys(next)}`
}

/** One line for an invocation: time, function, event, addresses, outcome. */
function invocationLine(attempt: Attempt, stage: string, at: Date): string {
  const { event, addresses } = labelOf(attempt.event)
  const name = attempt.functionName.replace(`sesame-${stage}-`, '')
  const parts = [at.toISOString().slice(11, 19), name.padEnd(21), event, addresses, `→ ${outcomeOf(attempt)}`]
  return printableLine(parts.filter((part) => part !== '').join('  '))
}

/** Serves until a signal arrives or nobody reads the output. @returns when the port is closed */
export async function serveUntilStopped(aws: Aws, port: OpenPort, say: (text: string) => void): Promise<void> {
  aws.sqs.longPolling = true
  aws.lambda.watch((attempt) => say(invocationLine(attempt, aws.stage, aws.clock.now())))
  aws.serveAt(port)
  await new Promise<void>((resolve) => {
    process.once('SIGINT', () => resolve())
    process.once('SIGTERM', () => resolve())
    process.stdout.once('error', () => resolve())
  })
  await port.close()
}
