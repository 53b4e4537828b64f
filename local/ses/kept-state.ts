/** What SES keeps between runs: its accounts with lists, identities, configuration sets and templates, and the behaviour of mailboxes. */
import * as v from 'valibot'
import type { KeptState } from '../service.ts'
import {
  enforcementStatuses,
  eventTypes,
  onMxFailures,
  type SesAccount,
  suppressionReasons,
  suppressionScopes,
} from './account.ts'
import { behaviours } from './mailboxes.ts'

const reasons = v.array(v.picklist(suppressionReasons))
const suppressed = v.object({
  address: v.string(),
  reason: v.picklist(suppressionReasons),
  at: v.date(),
  messageId: v.exactOptional(v.string()),
})
const identity = v.object({
  name: v.string(),
  arn: v.string(),
  dkimTokens: v.array(v.string()),
  mailFrom: v.optional(v.object({ domain: v.string(), onMxFailure: v.picklist(onMxFailures) })),
  defaultConfigurationSet: v.optional(v.string()),
  feedbackTopics: v.map(v.picklist(['Bounce', 'Complaint', 'Delivery']), v.string()),
  includeHeaders: v.boolean(),
  feedbackForwarding: v.boolean(),
})
const destination = v.object({
  name: v.string(),
  enabled: v.boolean(),
  matching: v.array(v.picklist(eventTypes)),
  topicArn: v.optional(v.string()),
})
const configurationSet = v.object({
  name: v.string(),
  arn: v.string(),
  destinations: v.map(v.string(), destination),
  suppressedReasons: v.optional(reasons),
  suppressionScope: v.optional(v.picklist(suppressionScopes)),
  validationOptions: v.optional(v.looseObject({})),
  sendingEnabled: v.boolean(),
})
const tenant = v.object({
  name: v.string(),
  id: v.string(),
  scope: v.picklist(suppressionScopes),
  list: v.map(v.string(), suppressed),
})
const outgoingMail = v.object({
  messageId: v.string(),
  recipient: v.string(),
  source: v.string(),
  subject: v.string(),
  at: v.date(),
  tracking: v.exactOptional(v.object({ opens: v.exactOptional(v.boolean()), clicks: v.exactOptional(v.boolean()) })),
})
const account = v.object({
  account: v.string(),
  region: v.string(),
  productionAccess: v.boolean(),
  sendRate: v.object({ perSecond: v.number(), isEnforced: v.boolean(), second: v.number(), sent: v.number() }),
  // Absent in states that were kept before.
  perDay: v.optional(v.number(), 50_000),
  sendingEnabled: v.optional(v.boolean(), true),
  enforcement: v.optional(v.picklist(enforcementStatuses), 'HEALTHY'),
  reputation: v.optional(
    v.object({ bounceRate: v.exactOptional(v.number()), complaintRate: v.exactOptional(v.number()) }),
    {},
  ),
  throttle: v.object({ next: v.number(), perSecond: v.number() }),
  suppressedReasons: reasons,
  identities: v.map(v.string(), identity),
  found: v.union([v.literal('all'), v.set(v.string())]),
  configurationSets: v.map(v.string(), configurationSet),
  templates: v.map(v.string(), v.object({ subject: v.string(), text: v.string(), html: v.string(), at: v.date() })),
  accountList: v.map(v.string(), suppressed),
  tenants: v.map(v.string(), tenant),
  outgoingMails: v.array(outgoingMail),
})
const kept = v.object({
  accounts: v.map(v.string(), account),
  mailboxes: v.map(v.string(), v.picklist(behaviours)),
})

/** @param accounts by account and region */
export function keptSesState(
  accounts: Map<string, SesAccount>,
  mailboxes: { readonly all: Map<string, (typeof behaviours)[number]> },
): KeptState {
  return {
    dump: () => ({ accounts, mailboxes: mailboxes.all }),
    restore(value) {
      const state = v.parse(kept, value)
      for (const [key, one] of state.accounts) accounts.set(key, one)
      for (const [address, behaviour] of state.mailboxes) mailboxes.all.set(address, behaviour)
    },
  }
}
