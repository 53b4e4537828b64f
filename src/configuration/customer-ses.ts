/**
 * What we read and set up in the SES of a customer's account: each call in a session that allows this one operation, on the project's own
 * configuration set. Each may run twice.
 *
 * https://docs.aws.amazon.com/ses/latest/APIReference-V2/Welcome.html
 */
import {
  AlreadyExistsException,
  BadRequestException,
  CreateConfigurationSetCommand,
  CreateConfigurationSetEventDestinationCommand,
  DeleteConfigurationSetCommand,
  DeleteConfigurationSetEventDestinationCommand,
  type EventDestinationDefinition,
  GetConfigurationSetCommand,
  GetConfigurationSetEventDestinationsCommand,
  GetEmailIdentityCommand,
  NotFoundException,
  PutConfigurationSetSuppressionOptionsCommand,
  PutEmailIdentityConfigurationSetAttributesCommand,
  type SESv2Client,
  UpdateConfigurationSetEventDestinationCommand,
} from '@aws-sdk/client-sesv2'
import { type SessionRestriction, sessionStatementsOf } from '../access/session/session-policy.ts'
import type { SessionCredentials, Sessions, SessionTarget } from '../access/session/sessions.ts'
import { configurationSetOf } from '../projects/connection.ts'

export type AccountListReason = 'BOUNCE' | 'COMPLAINT'

export type Destination = {
  readonly name: string
  readonly enabled: boolean
  readonly types: readonly string[]
  /** Absent when SES has none any more. */
  readonly topicArn: string | undefined
}

/** SES cannot publish to the topic that it was told: it tries once, before it takes it. */
export class TopicRefusedError extends Error {
  override readonly name = 'TopicRefusedError'
  readonly retryable = false
  readonly topicArn: string

  constructor(topicArn: string, cause: unknown) {
    super(`SES refuses ${topicArn}: it could not publish to it`, { cause })
    this.topicArn = topicArn
  }
}

export type CustomerSes = ReturnType<typeof createCustomerSes>

/** @param sesIn a client for a region with the credentials of a session */
export function createCustomerSes(
  sessions: Pick<Sessions, 'use'>,
  sesIn: (region: string, credentials: SessionCredentials) => SESv2Client,
) {
  function call<T>(
    to: SessionTarget,
    command: string,
    run: (ses: SESv2Client) => Promise<T>,
    only: SessionRestriction = {},
  ): Promise<T> {
    const purpose = { name: 'configure', seconds: 900, allow: sessionStatementsOf(to, [`ses:${command}`], only) }
    return sessions.use(to, purpose, (credentials) => run(sesIn(to.region, credentials)))
  }
  const ours = ({ project }: SessionTarget) => ({ ConfigurationSetName: configurationSetOf(project) })

  /** Whether SES took the topic. */
  async function update(to: SessionTarget, EventDestinationName: string, EventDestination: EventDestinationDefinition) {
    return call(to, 'UpdateConfigurationSetEventDestination', (ses) =>
      taken(
        ses.send(
          new UpdateConfigurationSetEventDestinationCommand({ ...ours(to), EventDestinationName, EventDestination }),
        ),
      ),
    )
  }

  return {
    /** `undefined` if there is no such set. Without reasons of its own the account's hold. */
    async set(to: SessionTarget): Promise<{ readonly reasons: readonly string[] | undefined } | undefined> {
      return call(to, 'GetConfigurationSet', async (ses) => {
        const found = await unlessGone(ses.send(new GetConfigurationSetCommand(ours(to))))
        return found && { reasons: found.SuppressionOptions?.SuppressedReasons }
      })
    },

    async createSet(to: SessionTarget, reasons: readonly AccountListReason[]): Promise<void> {
      const SuppressionOptions = { SuppressedReasons: [...reasons] }
      await call(to, 'CreateConfigurationSet', (ses) =>
        unlessThere(ses.send(new CreateConfigurationSetCommand({ ...ours(to), SuppressionOptions }))),
      )
    },

    async deleteSet(to: SessionTarget): Promise<void> {
      await call(to, 'DeleteConfigurationSet', (ses) =>
        unlessGone(ses.send(new DeleteConfigurationSetCommand(ours(to)))),
      )
    },

    /** A full replacement: what is not named is no reason any more. */
    async suppressFor(to: SessionTarget, reasons: readonly AccountListReason[]): Promise<void> {
      const input = { ...ours(to), SuppressedReasons: [...reasons] }
      await call(to, 'PutConfigurationSetSuppressionOptions', (ses) =>
        ses.send(new PutConfigurationSetSuppressionOptionsCommand(input)),
      )
    },

    /** All of the set, the customer's own among them; none if there is no such set. */
    async destinations(to: SessionTarget): Promise<Destination[]> {
      return call(to, 'GetConfigurationSetEventDestinations', async (ses) => {
        const found = await unlessGone(ses.send(new GetConfigurationSetEventDestinationsCommand(ours(to))))
        return (found?.EventDestinations ?? []).map(({ Name, Enabled, MatchingEventTypes, SnsDestination }) => ({
          name: Name ?? '',
          enabled: Enabled ?? false,
          types: MatchingEventTypes ?? [],
          topicArn: SnsDestination?.TopicArn,
        }))
      })
    },

    /**
     * Makes the destination, or changes it to this.
     * @returns whether SES took the topic
     */
    async putDestination(to: SessionTarget, name: string, type: AccountListReason, TopicArn: string): Promise<Taken> {
      const EventDestination = { Enabled: true, MatchingEventTypes: [type], SnsDestination: { TopicArn } }
      const input = { ...ours(to), EventDestinationName: name, EventDestination }
      const made = await call(to, 'CreateConfigurationSetEventDestination', (ses) =>
        taken(unlessThere(ses.send(new CreateConfigurationSetEventDestinationCommand(input)))),
      )
      return made.isTaken && made.answer === undefined ? update(to, name, EventDestination) : made
    },

    async deleteDestination(to: SessionTarget, EventDestinationName: string): Promise<void> {
      const input = { ...ours(to), EventDestinationName }
      await call(to, 'DeleteConfigurationSetEventDestination', (ses) =>
        unlessGone(ses.send(new DeleteConfigurationSetEventDestinationCommand(input))),
      )
    },

    /** The configuration set that mail of an identity uses when it names none. `undefined` if there is no such identity. */
    async defaultOf(to: SessionTarget, identity: string): Promise<{ readonly set: string | undefined } | undefined> {
      const only = { identity }
      return call(
        to,
        'GetEmailIdentity',
        async (ses) => {
          const found = await unlessGone(ses.send(new GetEmailIdentityCommand({ EmailIdentity: identity })))
          return found && { set: found.ConfigurationSetName || undefined }
        },
        only,
      )
    },

    /** Makes the project's configuration set the default of an identity, or takes the default away. */
    async setDefault(to: SessionTarget, identity: string, isOurs: boolean): Promise<void> {
      const input = { EmailIdentity: identity, ...(isOurs && ours(to)) }
      const only = { identity }
      await call(
        to,
        'PutEmailIdentityConfigurationSetAttributes',
        (ses) => ses.send(new PutEmailIdentityConfigurationSetAttributesCommand(input)),
        only,
      )
    },
  }
}

async function unlessGone<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof NotFoundException) return undefined
    throw error
  }
}

async function unlessThere<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof AlreadyExistsException) return undefined
    throw error
  }
}

export type Taken =
  | { readonly isTaken: true; readonly answer: unknown }
  | { readonly isTaken: false; readonly why: BadRequestException }

/** SES answers BadRequestException when its trial message does not get through; nothing else of ours could be a bad request. */
async function taken(answer: Promise<unknown>): Promise<Taken> {
  try {
    return { isTaken: true, answer: await answer }
  } catch (why) {
    if (why instanceof BadRequestException) return { isTaken: false, why }
    throw why
  }
}
