/**
 * An application of each customer sends by the HTTP API, with the client of src/client and the role of a template in iam/.
 *
 * The role allows the API for one project and nothing else: Sesame asks the list first, and sends in the account of the customer.
 */
import { createSesame, SesameError } from '../../src/client/client.ts'
import type { Aws } from '../aws.ts'
import { createInProcessFetch } from '../in-process-fetch.ts'
import type { AwsCredentials } from '../service.ts'
import { type ApplicationOwner, createApplicationRole, platforms } from './application-role.ts'
import { customers } from './customers.ts'

/** What the application was told about one recipient. */
export type ApplicationOutcome = {
  readonly project: string
  readonly recipient: string
  readonly state: string
  readonly reason: string
}

const recipients = ['ada@customer.example', 'gone@customer.example']

/**
 * Each customer's application sends one mail to two recipients, then tries the API of the other project.
 * @returns the outcomes, and the other projects that were not refused
 */
export async function runApplications(
  aws: Aws,
): Promise<{ outcomes: readonly ApplicationOutcome[]; notRefused: readonly string[] }> {
  const outcomes: ApplicationOutcome[] = []
  const notRefused: string[] = []
  for (const [index, customer] of customers.entries()) {
    const platform = platforms[index % platforms.length] ?? platforms[0]
    const credentials = await applicationOf(aws, customer, platform)
    const sesameOf = (project: string) =>
      createSesame({
        project,
        endpoint: 'http://sesame.localhost:4566',
        region: aws.region,
        credentials,
        fetch: createInProcessFetch(aws.handle),
      })
    const mail = { from: `orders@${customer.domain}`, to: recipients, subject: 'Your order', text: 'It is on its way.' }
    const { outcomes: sent } = await sesameOf(customer.id).send(mail)
    for (const { recipient, state, reason = '' } of sent)
      outcomes.push({ project: customer.id, recipient, state, reason })
    const other = customers.find(({ id }) => id !== customer.id)
    if (other && !(await isForbidden(sesameOf(other.id).check(recipients))))
      notRefused.push(`the application of ${customer.id} asked the list of ${other.id}`)
  }
  await aws.settled()
  return { outcomes, notRefused }
}

const isForbidden = (call: Promise<unknown>): Promise<boolean> =>
  call.then(
    () => false,
    (error: unknown) => error instanceof SesameError && error.problem.status === 403,
  )

/** Deploys the template of an application, for the API only. @returns a session of the role, as the platform provides it */
export async function applicationOf(
  aws: Aws,
  customer: ApplicationOwner,
  platform: (typeof platforms)[number],
): Promise<AwsCredentials> {
  const { arn } = createApplicationRole(aws, customer, platform)
  return aws.assumeAsService(platform.service, arn, `${customer.id}-orders`)
}
