/** Carries out the acts of a plan: customers mail from their own accounts, applications call the HTTP API, owners change their account lists. */
import {
  DeleteSuppressedDestinationCommand,
  PutSuppressedDestinationCommand,
  SESv2Client,
  SendEmailCommand,
} from '@aws-sdk/client-sesv2'
import { customerRoleOf } from '../../src/access/role/customer-role.ts'
import { createSesame, type Sesame, SesameError } from '../../src/client/client.ts'
import { createInProcessFetch } from '../in-process-fetch.ts'
import type { Machine } from './machine.ts'
import { type Act, configurationSetOf, domainOf, type Party } from './plan.ts'
import type { World } from './world.ts'

/** What an application was told about a request in the end. */
export type Told = {
  readonly act: Act
  readonly subject: string
  readonly startedMs: number
  readonly endedMs: number
  readonly attempts: number
  /** The state of each recipient, or the outcome of each ruling; undefined if the request never succeeded. */
  readonly outcomes: ReadonlyMap<string, string> | undefined
  /** The last problem of a request that never succeeded. */
  readonly problem?: string | undefined
  readonly isReplayed: boolean
}

export type Actors = {
  perform(act: Act): Promise<void>
  readonly told: readonly Told[]
  /** How many acts have not ended. */
  pending(): number
  /** Entries of the account list that only the owner wants, `project address`. */
  readonly ownersEntries: ReadonlySet<string>
}

/** Waits of a patient application between its attempts, in seconds. The last attempts come after every fault. */
const patience = [20, 40, 60, 120, 300, 900, 3_600, 7_200, 7_200, 7_200]

export function createActors({ aws, connections, application }: World, machine: Machine): Actors {
  const told: Told[] = []
  const ownersEntries = new Set<string>()
  let pending = 0
  const wait = (milliseconds: number) => new Promise<void>((resolve) => void machine.after(milliseconds, resolve))
  const sesOf = ({ account }: Party) => new SESv2Client(aws.clientConfig(aws.credentials.root(account)))

  const sesameOf = (party: Party): Sesame =>
    createSesame({
      project: party.project,
      endpoint: 'http://sesame.localhost:4566',
      region: aws.region,
      credentials: () => application(party),
      fetch: createInProcessFetch(aws.handle),
    })

  async function mailByCustomer(act: Act, to: readonly string[]): Promise<void> {
    await sesOf(act.party).send(
      new SendEmailCommand({
        FromEmailAddress: `news@${domainOf(act.party)}`,
        Destination: { ToAddresses: [...to] },
        ConfigurationSetName: configurationSetOf(act.party),
        Content: { Simple: { Subject: { Data: 'News' }, Body: { Text: { Data: 'News.' } } } },
      }),
    )
  }

  /** Repeats a request with its key until it succeeds, as the documents tell an application. */
  async function ask(
    act: Act,
    request: (sesame: Sesame, key: string) => Promise<{ outcomes: ReadonlyMap<string, string>; isReplayed: boolean }>,
  ): Promise<void> {
    const subject = `Message ${act.id}`
    const startedMs = machine.now()
    const sesame = sesameOf(act.party)
    let problem: string | undefined
    for (const [index, waitSeconds] of patience.entries()) {
      const attempts = index + 1
      try {
        const { outcomes, isReplayed } = await request(sesame, `key-${act.id}`)
        told.push({ act, subject, startedMs, endedMs: machine.now(), attempts, outcomes, isReplayed })
        // An application that is not told repeats its request, and must not cause a second mail.
        if ([...outcomes.values()].includes('unknown')) await request(sesame, `key-${act.id}`).catch(() => undefined)
        return
      } catch (error) {
        problem = error instanceof SesameError ? error.problem.type : 'no answer'
        if (error instanceof SesameError && error.problem.status < 500 && ![409, 429].includes(error.problem.status))
          break
        await wait(waitSeconds * 1_000)
      }
    }
    told.push({
      act,
      subject,
      startedMs,
      endedMs: machine.now(),
      attempts: patience.length,
      outcomes: undefined,
      problem,
      isReplayed: false,
    })
  }

  const mailByApi = (act: Act, to: readonly string[]) =>
    ask(act, async (sesame, idempotencyKey) => {
      const message = { from: `orders@${domainOf(act.party)}`, to, subject: `Message ${act.id}`, text: 'Hello.' }
      const { outcomes, isReplayed } = await sesame.send(message, { idempotencyKey })
      return { outcomes: new Map(outcomes.map(({ recipient, state }) => [recipient, state])), isReplayed }
    })

  const rule = (act: Act, kind: 'suppress' | 'reinstate', address: string) =>
    ask(act, async (sesame, idempotencyKey) => {
      const outcomes = await sesame.suppressions[kind]([address], { why: 'simulation', idempotencyKey })
      return { outcomes: new Map(outcomes.map((one) => [one.address, one.outcome])), isReplayed: false }
    })

  async function removeRole({ party, forMs }: Extract<Act, { forMs: number }>): Promise<void> {
    const connection = connections.get(party.project)
    const role = aws.roles.byArn(connection?.roleArn ?? '')
    if (!connection || !role) return
    aws.roles.delete(role.arn)
    await wait(forMs)
    aws.roles.create(party.account, customerRoleOf(connection, aws.account))
  }

  return {
    told,
    ownersEntries,
    pending: () => pending,
    async perform(act) {
      pending++
      await carryOut(act).finally(() => {
        pending--
      })
    },
  }

  async function carryOut(act: Act): Promise<void> {
    switch (act.kind) {
      case 'mail by the customer':
        return mailByCustomer(act, act.to)
      case 'mail by the API':
        return mailByApi(act, act.to)
      case 'suppress':
      case 'reinstate':
        return rule(act, act.kind, act.address)
      case 'owner lists':
        ownersEntries.add(`${act.party.project} ${act.address}`)
        await sesOf(act.party).send(
          new PutSuppressedDestinationCommand({ EmailAddress: act.address, Reason: 'BOUNCE' }),
        )
        return
      case 'owner lifts':
        await sesOf(act.party)
          .send(new DeleteSuppressedDestinationCommand({ EmailAddress: act.address }))
          .catch((error: Error) => {
            if (error.name !== 'NotFoundException') throw error
          })
        return
      case 'role removed':
        return removeRole(act)
      case 'items expire':
        await aws.dynamodb.expire()
    }
  }
}
