/**
 * Configuration sets and their event destinations.
 *
 * SES accepts a destination only when it can publish to the topic. It checks this with a plain-text message, so the first message that a
 * subscriber receives is not an event.
 */
import * as v from 'valibot'
import { AwsError, type ServiceCall, type ServiceOperation } from '../service.ts'
import { readInput } from '../wire/input.ts'
import {
  type ConfigurationSet,
  type EventDestination,
  eventTypes,
  findConfigurationSet,
  type SesAccount,
  sesArnOf,
  suppressionReasons,
  suppressionScopes,
} from './account.ts'
import { pageOf, paging } from './paging.ts'
import type { EventPublisher } from './publisher.ts'

const VALIDATION_TEXT = 'Successfully validated SNS topic for Amazon SES event publishing.'

const reasons = v.array(v.picklist(suppressionReasons))
const byName = v.object({ ConfigurationSetName: v.pipe(v.string(), v.regex(/^[\w-]{1,64}$/)) })
const byDestination = v.object({
  ...byName.entries,
  EventDestinationName: v.pipe(v.string(), v.regex(/^[\w-]{1,64}$/)),
})

const scopeAndValidation = {
  SuppressionScope: v.optional(v.picklist(suppressionScopes)),
  ValidationOptions: v.optional(v.looseObject({})),
}

const inputs = {
  create: v.object({
    ...byName.entries,
    SuppressionOptions: v.optional(v.object({ SuppressedReasons: v.optional(reasons), ...scopeAndValidation })),
  }),
  sending: v.object({ ...byName.entries, SendingEnabled: v.optional(v.boolean(), false) }),
  suppression: v.object({ ...byName.entries, SuppressedReasons: v.optional(reasons, []), ...scopeAndValidation }),
  destination: v.object({
    ...byDestination.entries,
    EventDestination: v.object({
      Enabled: v.optional(v.boolean(), false),
      MatchingEventTypes: v.optional(v.array(v.picklist(eventTypes))),
      // Other kinds of destinations are refused, because the embedded AWS would not publish to them.
      SnsDestination: v.object({ TopicArn: v.string() }),
    }),
  }),
}

export function configurationOperations(
  accountOf: (call: ServiceCall) => SesAccount,
  publisher: EventPublisher,
  acceptsForeignTopics: () => boolean,
): Record<string, ServiceOperation> {
  const setOf = (call: ServiceCall): ConfigurationSet =>
    findConfigurationSet(accountOf(call), readInput(byName, call, 'BadRequestException').ConfigurationSetName)

  const destinationOf = (call: ServiceCall, set: ConfigurationSet): EventDestination => {
    const { EventDestinationName: name } = readInput(byDestination, call, 'BadRequestException')
    const destination = set.destinations.get(name)
    if (destination) return destination
    throw new AwsError('NotFoundException', `Event destination <${name}> does not exist.`, 404)
  }

  const validate = async (call: ServiceCall, set: ConfigurationSet, topicArn: string): Promise<void> => {
    const account = accountOf(call)
    const [, , service, region, owner] = topicArn.split(':')
    if (service !== 'sns' || region !== account.region) throw badRequest(`Invalid SNS topic ARN <${topicArn}>.`)
    if (owner !== account.account && !acceptsForeignTopics())
      throw badRequest(`SNS topic <${topicArn}> belongs to another account.`)
    const refusal = await publisher.publish(account, set.arn, topicArn, VALIDATION_TEXT)
    if (refusal)
      throw badRequest(
        `Could not publish to SNS topic <${topicArn}>. Check that its policy allows Amazon SES to publish.`,
      )
  }

  return {
    CreateConfigurationSet(call) {
      const input = readInput(inputs.create, call, 'BadRequestException')
      const account = accountOf(call)
      const name = input.ConfigurationSetName
      if (account.configurationSets.has(name)) {
        throw new AwsError('AlreadyExistsException', `Configuration set <${name}> already exists.`)
      }
      account.configurationSets.set(name, {
        name,
        arn: sesArnOf(account, `configuration-set/${name}`),
        destinations: new Map(),
        suppressedReasons: input.SuppressionOptions?.SuppressedReasons,
        suppressionScope: input.SuppressionOptions?.SuppressionScope,
        validationOptions: input.SuppressionOptions?.ValidationOptions,
        sendingEnabled: true,
      })
      return {}
    },
    GetConfigurationSet(call) {
      const set = setOf(call)
      return {
        ConfigurationSetName: set.name,
        DeliveryOptions: { TlsPolicy: 'OPTIONAL' },
        ReputationOptions: { ReputationMetricsEnabled: false },
        SendingOptions: { SendingEnabled: set.sendingEnabled },
        Tags: [],
        ...suppressionOptionsOf(set),
      }
    },
    DeleteConfigurationSet(call) {
      accountOf(call).configurationSets.delete(setOf(call).name)
      return {}
    },
    ListConfigurationSets(call) {
      const input = readInput(v.object(paging), call, 'BadRequestException')
      const { page, next } = pageOf([...accountOf(call).configurationSets.keys()], (name) => name, input)
      return { ConfigurationSets: page, ...next }
    },
    PutConfigurationSetSendingOptions(call) {
      setOf(call).sendingEnabled = readInput(inputs.sending, call, 'BadRequestException').SendingEnabled
      return {}
    },
    /** A full replacement of three members. Without reasons it disables suppression for mail with this set. */
    PutConfigurationSetSuppressionOptions(call) {
      const input = readInput(inputs.suppression, call, 'BadRequestException')
      Object.assign(setOf(call), {
        suppressedReasons: input.SuppressedReasons,
        suppressionScope: input.SuppressionScope,
        validationOptions: input.ValidationOptions,
      })
      return {}
    },
    async CreateConfigurationSetEventDestination(call) {
      const input = readInput(inputs.destination, call, 'BadRequestException')
      const set = setOf(call)
      const name = input.EventDestinationName
      if (set.destinations.has(name)) {
        throw new AwsError('AlreadyExistsException', `An event destination with name <${name}> already exists.`)
      }
      const { Enabled: enabled, MatchingEventTypes: matching, SnsDestination: sns } = input.EventDestination
      if (!matching || matching.length === 0) throw badRequest('MatchingEventTypes must name at least one event type.')
      await validate(call, set, sns.TopicArn)
      set.destinations.set(name, { name, enabled, matching, topicArn: sns.TopicArn })
      return {}
    },
    GetConfigurationSetEventDestinations(call) {
      return {
        EventDestinations: [...setOf(call).destinations.values()].map((destination) => ({
          Name: destination.name,
          Enabled: destination.enabled,
          MatchingEventTypes: [...destination.matching],
          ...(destination.topicArn !== undefined && { SnsDestination: { TopicArn: destination.topicArn } }),
        })),
      }
    },
    async UpdateConfigurationSetEventDestination(call) {
      const input = readInput(inputs.destination, call, 'BadRequestException')
      const set = setOf(call)
      const destination = destinationOf(call, set)
      const { Enabled: enabled, MatchingEventTypes: matching, SnsDestination: sns } = input.EventDestination
      await validate(call, set, sns.TopicArn)
      Object.assign(destination, { enabled, topicArn: sns.TopicArn, ...(matching && { matching }) })
      return {}
    },
    DeleteConfigurationSetEventDestination(call) {
      const set = setOf(call)
      set.destinations.delete(destinationOf(call, set).name)
      return {}
    },
  }
}

function suppressionOptionsOf({ suppressedReasons, suppressionScope, validationOptions }: ConfigurationSet) {
  const SuppressionOptions = {
    ...(suppressedReasons && { SuppressedReasons: [...suppressedReasons] }),
    ...(suppressionScope && { SuppressionScope: suppressionScope }),
    ...(validationOptions && { ValidationOptions: validationOptions }),
  }
  return Object.keys(SuppressionOptions).length === 0 ? {} : { SuppressionOptions }
}

const badRequest = (message: string): AwsError => new AwsError('BadRequestException', message)
