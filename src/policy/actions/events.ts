/**
 * EventBridge. IAM authorises each entry on its event bus, with its own source and detail type.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoneventbridge.html
 */
import * as v from 'valibot'
import { arnOf, type Entry, entry, localArn, MalformedInputError, type ResourceContext, textSchema } from './entry.ts'

const putEventsInput = v.object({
  Entries: v.array(
    v.object({
      EventBusName: v.optional(textSchema, 'default'),
      Source: v.optional(v.string()),
      DetailType: v.optional(v.string()),
    }),
  ),
})

/** @param name a bus's name or ARN */
function busOf(name: string, place: ResourceContext): { arn: string; account: string } {
  if (!name.startsWith('arn:')) {
    if (!/^[\w./-]{1,256}$/.test(name)) throw new MalformedInputError('EventBusName', 'is not the name of a bus')
    return { arn: localArn('events', place, `event-bus/${name}`), account: place.account }
  }
  const { text, account, resource } = arnOf(name, 'events', 'EventBusName')
  if (!/^event-bus\/[\w./-]+$/.test(resource)) throw new MalformedInputError('EventBusName', 'is not the ARN of a bus')
  return { arn: text, account }
}

export const events: Readonly<Record<string, Entry>> = {
  ListEventBuses: entry(['events:ListEventBuses'], v.unknown(), (_, { account }) => [
    { action: 'events:ListEventBuses', resource: '*', resourceAccount: account, context: {} },
  ]),
  PutEvents: entry(['events:PutEvents'], putEventsInput, ({ Entries }, place) =>
    Entries.map(({ EventBusName, Source, DetailType }) => {
      const { arn, account } = busOf(EventBusName, place)
      return {
        action: 'events:PutEvents',
        resource: arn,
        resourceAccount: account,
        context: {
          ...(Source !== undefined && { 'events:source': Source }),
          ...(DetailType !== undefined && { 'events:detail-type': DetailType }),
        },
      }
    }),
  ),
}
