/**
 * SES in a customer's account: reads and changes the project's configuration set, and the default configuration set of identities. Each
 * call has a session for one operation on one resource. All writes are idempotent.
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
  type EventType,
  GetConfigurationSetCommand,
  GetConfigurationSetEventDestinationsCommand,
  GetEmailIdentityCommand,
  PutConfigurationSetSuppressionOptionsCommand,
  PutEmailIdentityConfigurationSetAttributesCommand,
  type SESv2Client,
  type SuppressionValidationOptions,
  UpdateConfigurationSetEventDestinationCommand,
} from '@aws-sdk/client-sesv2'
import type { Purpose } from '../access/session/request.ts'
import { type SessionRestriction, sessionStatementsOf } from '../access/session/session-policy.ts'
import type { SessionCredentials, Sessions, SessionTarget } from '../access/session/sessions.ts'
import { answered } from '../answered.ts'
import { configurationSetOf } from '../projects/connection.ts'
import { unlessMissing } from './unless-missing.ts'

export type AccountListReason = 'BOUNCE' | 'COMPLAINT'

/** Whose list stops mail of the configuration set: the account's, or that of the tenant that the mail names. */
export type ListScope = 'ACCOUNT' | 'TENANT'

/** The suppression options of a configuration set. SES replaces all three at once. */
export type SetOptions = {
  /** Absent: those of the account apply. */
  readonly reasons: readonly string[] | undefined
  /** Absent: the scope of the mail's tenant applies, or else the account's list. */
  readonly scope: string | undefined
  /** The settings of Auto Validation. Sesame keeps them as they are. */
  readonly validation: SuppressionValidationOptions | undefined
}

export type Destination = {
  readonly name: string
  readonly enabled: boolean
  readonly types: readonly string[]
  /** `undefined` if SES has removed the topic. */
  readonly topicArn: string | undefined
}

/** SES cannot publish to the topic. It publishes a test message before it accepts a topic. */
export class TopicRefusedError extends Error {
  override readonly name = 'TopicRefusedError'
  readonly retryable = false
  readonly topicArn: string

  constructor(topicArn: string, cause: unknown) {
    super(`SES refused the topic ${topicArn}: it could not publish to it`, { cause })
    this.topicArn = topicArn
  }
}

export type CustomerSes = ReturnType<typeof createCustomerSes>

/** @param sesIn creates a client for a region with the credentials of a session */
export function createCustomerSes(
  sessions: Pick<Sessions, 'use'>,
  sesIn: (region: string, credentials: SessionCredentials) => SESv2Client,
) {
  function call<T>(
    target: SessionTarget,
    command: string,
    run: (ses: SESv2Client) => Promise<T>,
    restriction: SessionRestriction = {},
  ): Promise<T> {
    const purpose: Purpose = {
      name: 'configure',
      seconds: 900,
      allow: sessionStatementsOf(target, [`ses:${command}`], restriction),
    }
    return sessions.use(target, purpose, (credentials) => run(sesIn(target.region, credentials)))
  }
  const ownSet = ({ project }: SessionTarget) => ({ ConfigurationSetName: configurationSetOf(project) })

  /** `undefined` if the set does not exist. */
  async function readSet(target: SessionTarget): Promise<SetOptions | undefined> {
    return call(target, 'GetConfigurationSet', async (ses) => {
      const found = await unlessMissing(ses.send(new GetConfigurationSetCommand(ownSet(target))))
      if (!found) return undefined
      const { SuppressedReasons, SuppressionScope, ValidationOptions } = found.SuppressionOptions ?? {}
      return { reasons: SuppressedReasons, scope: SuppressionScope, validation: ValidationOptions }
    })
  }

  async function update(
    target: SessionTarget,
    EventDestinationName: string,
    EventDestination: EventDestinationDefinition,
  ) {
    return call(target, 'UpdateConfigurationSetEventDestination', (ses) =>
      accepted(
        ses.send(
          new UpdateConfigurationSetEventDestinationCommand({
            ...ownSet(target),
            EventDestinationName,
            EventDestination,
          }),
        ),
      ),
    )
  }

  return {
    set: readSet,

    /** Idempotent: a set that exists stays as it is. */
    async createSet(
      target: SessionTarget,
      reasons: readonly AccountListReason[],
      SuppressionScope: ListScope,
    ): Promise<void> {
      const SuppressionOptions = { SuppressedReasons: [...reasons], SuppressionScope }
      await call(target, 'CreateConfigurationSet', (ses) =>
        unlessExists(ses.send(new CreateConfigurationSetCommand({ ...ownSet(target), SuppressionOptions }))),
      )
    },

    async deleteSet(target: SessionTarget): Promise<void> {
      await call(target, 'DeleteConfigurationSet', (ses) =>
        unlessMissing(ses.send(new DeleteConfigurationSetCommand(ownSet(target)))),
      )
    },

    /**
     * Replaces reasons and scope of the set, and keeps its validation options: SES resets whatever the call leaves out. The options are
     * read again before the write, so that a change since the drift was found stays. Idempotent.
     */
    async suppressFor(
      target: SessionTarget,
      reasons: readonly AccountListReason[],
      SuppressionScope: ListScope,
    ): Promise<void> {
      const ValidationOptions = (await readSet(target))?.validation
      const input = {
        ...ownSet(target),
        SuppressedReasons: [...reasons],
        SuppressionScope,
        ...(ValidationOptions && { ValidationOptions }),
      }
      await call(target, 'PutConfigurationSetSuppressionOptions', (ses) =>
        ses.send(new PutConfigurationSetSuppressionOptionsCommand(input)),
      )
    },

    /** All event destinations of the set, including the customer's own; none if the set does not exist. */
    async destinations(target: SessionTarget): Promise<Destination[]> {
      return call(target, 'GetConfigurationSetEventDestinations', async (ses) => {
        const found = await unlessMissing(ses.send(new GetConfigurationSetEventDestinationsCommand(ownSet(target))))
        if (!found) return []
        const all = answered(found.EventDestinations, 'GetConfigurationSetEventDestinations: EventDestinations')
        return all.map(({ Name, Enabled, MatchingEventTypes, SnsDestination }) => ({
          name: Name ?? '',
          enabled: Enabled ?? false,
          types: MatchingEventTypes ?? [],
          topicArn: SnsDestination?.TopicArn,
        }))
      })
    },

    /**
     * Creates the event destination, or updates it.
     * @returns whether SES accepted the topic
     */
    async putDestination(
      target: SessionTarget,
      name: string,
      types: readonly EventType[],
      TopicArn: string,
    ): Promise<PutResult> {
      const EventDestination = { Enabled: true, MatchingEventTypes: [...types], SnsDestination: { TopicArn } }
      const input = { ...ownSet(target), EventDestinationName: name, EventDestination }
      const created = await call(target, 'CreateConfigurationSetEventDestination', (ses) =>
        accepted(unlessExists(ses.send(new CreateConfigurationSetEventDestinationCommand(input)))),
      )
      return created.isAccepted && created.answer === undefined ? update(target, name, EventDestination) : created
    },

    async deleteDestination(target: SessionTarget, EventDestinationName: string): Promise<void> {
      const input = { ...ownSet(target), EventDestinationName }
      await call(target, 'DeleteConfigurationSetEventDestination', (ses) =>
        unlessMissing(ses.send(new DeleteConfigurationSetEventDestinationCommand(input))),
      )
    },

    /** The default configuration set of an identity. `undefined` if the identity does not exist. */
    async defaultOf(
      target: SessionTarget,
      identity: string,
    ): Promise<{ readonly set: string | undefined } | undefined> {
      const restriction = { identity }
      return call(
        target,
        'GetEmailIdentity',
        async (ses) => {
          const found = await unlessMissing(ses.send(new GetEmailIdentityCommand({ EmailIdentity: identity })))
          return found && { set: found.ConfigurationSetName || undefined }
        },
        restriction,
      )
    },

    /** Makes the project's configuration set the default of an identity, or removes the default. */
    async setDefault(target: SessionTarget, identity: string, isOurs: boolean): Promise<void> {
      const input = { EmailIdentity: identity, ...(isOurs && ownSet(target)) }
      const restriction = { identity }
      await call(
        target,
        'PutEmailIdentityConfigurationSetAttributes',
        (ses) => ses.send(new PutEmailIdentityConfigurationSetAttributesCommand(input)),
        restriction,
      )
    },
  }
}

async function unlessExists<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof AlreadyExistsException) return undefined
    throw error
  }
}

/** `why`: the answer of SES if it refused the topic. */
export type PutResult =
  | { readonly isAccepted: true; readonly answer: unknown }
  | { readonly isAccepted: false; readonly why: BadRequestException }

/** SES answers BadRequestException if it cannot publish its test message. No other part of our requests can cause one. */
async function accepted(answer: Promise<unknown>): Promise<PutResult> {
  try {
    return { isAccepted: true, answer: await answer }
  } catch (why) {
    if (why instanceof BadRequestException) return { isAccepted: false, why }
    throw why
  }
}
