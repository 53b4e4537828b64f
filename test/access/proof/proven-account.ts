/**
 * The deployed stack, connected customers whose roles a test creates with any fault, and proofs by the deployed functions.
 */
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda'
import { CreateEmailIdentityCommand, SESv2Client } from '@aws-sdk/client-sesv2'
import * as v from 'valibot'
import { type StartOptions, startAws } from '../../../local/aws.ts'
import { createManualClock } from '../../../local/clock.ts'
import { customerRoleOf, type RoleInput } from '../../../src/access/role/customer-role.ts'

export const OURS = '123456789012'
export const CUSTOMER = '111122223333'
export const STRANGER = '999988887777'
export const PROBE = `arn:aws:iam::${OURS}:role/sesame/sesame-dev-us-east-1-connection-probe`
export const CONTROLS = {
  open: `arn:aws:iam::${OURS}:role/sesame/sesame-dev-us-east-1-probe-control-open`,
  closed: `arn:aws:iam::${OURS}:role/sesame/sesame-dev-us-east-1-probe-control-closed`,
}
export const MANAGER = `arn:aws:iam::${OURS}:role/sesame/sesame-dev-us-east-1-configuration-management`

const Step = v.object({
  step: v.string(),
  verdict: v.picklist(['passed', 'failed', 'skipped', 'unknown']),
  layer: v.string(),
  found: v.string(),
  paste: v.optional(v.string()),
})
export const Checkup = v.object({
  attached: v.optional(v.boolean()),
  project: v.string(),
  state: v.string(),
  conclusion: v.string(),
  why: v.optional(v.string()),
  questions: v.array(v.object({ question: v.string(), answer: v.string(), because: v.string() })),
  steps: v.array(Step),
})
export type Checkup = v.InferOutput<typeof Checkup>
const Connected = v.object({ connection: v.object({ externalId: v.string(), nextExternalId: v.optional(v.string()) }) })
const Answer = v.object({ done: v.optional(v.unknown()), refused: v.optional(v.object({ message: v.string() })) })

export type Stack = Awaited<ReturnType<typeof provenAccount>>

/** @param env settings of the deployment */
export async function provenAccount(
  env: Readonly<Record<string, string>> = {},
  options: Pick<StartOptions, 'factories'> = {},
) {
  const clock = createManualClock(new Date('2026-03-04T05:06:07.000Z'))
  const aws = await startAws({ clock, env, ...options })
  const lambda = new LambdaClient(aws.clientConfig(aws.credentials.root(OURS)))

  async function ask(request: object) {
    const { Payload, FunctionError } = await lambda.send(
      new InvokeCommand({
        FunctionName: 'sesame-dev-manage-connection',
        Payload: JSON.stringify({ by: 'ann', ...request }),
      }),
    )
    const answer: unknown = JSON.parse(Payload?.transformToString() ?? 'null')
    if (FunctionError) throw new Error(JSON.stringify(answer))
    return v.parse(Answer, answer)
  }

  /** Connects a project without attaching a role. `roleInput` describes the role that the template creates for it. */
  async function connect(project: string, rest: Partial<RoleInput> = {}) {
    const { account = CUSTOMER, features = ['reading', 'suppression', 'sending', 'configuration'] } = rest
    const { done } = await ask({ do: 'connect', project, account, features })
    const { externalId } = v.parse(Connected, done).connection
    const roleInput: RoleInput = { project, account, region: 'us-east-1', externalId, features, ...rest }
    return { roleInput, externalId, roleArn: `arn:aws:iam::${account}:role/sesame/sesame-${project}` }
  }

  return {
    aws,
    clock,
    ask,
    connect,
    /** Creates or replaces the customer's role. `changed` replaces properties of the template's role. */
    makeRole(roleInput: RoleInput, changed: object = {}): void {
      const arn = `arn:aws:iam::${roleInput.account}:role/sesame/sesame-${roleInput.project}`
      if (aws.roles.byArn(arn)) aws.roles.delete(arn)
      aws.roles.create(roleInput.account, { ...customerRoleOf(roleInput, OURS), ...changed })
    },
    async attach(project: string, roleArn: string): Promise<Checkup> {
      return v.parse(Checkup, (await ask({ do: 'attach', project, roleArn })).done)
    },
    async prove(project: string): Promise<Checkup> {
      clock.advance(1_000)
      return v.parse(Checkup, (await ask({ do: 'prove', project })).done)
    },
    /** Advances the clock by an hour and runs prove-connections as its schedule does. */
    async hour(): Promise<void> {
      clock.advance(60 * 60_000)
      const [schedule] = aws.eventbridge.schedules.filter(({ functionArn }) =>
        functionArn.includes('prove-connections'),
      )
      if (!schedule) throw new Error('prove-connections has no schedule')
      await aws.eventbridge.fire(schedule)
      await aws.settled()
    },
    async identity(name = 'acme.example', account = CUSTOMER): Promise<void> {
      const ses = new SESv2Client(aws.clientConfig(aws.credentials.root(account)))
      await ses.send(new CreateEmailIdentityCommand({ EmailIdentity: name }))
    },
  }
}

export const failed = ({ steps }: Checkup) => steps.filter(({ verdict }) => verdict === 'failed')
