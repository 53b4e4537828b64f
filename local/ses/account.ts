/** The state of SES for one account in one region. */
import { AwsError } from '../service.ts'

export const eventTypes = [
  'SEND',
  'REJECT',
  'BOUNCE',
  'COMPLAINT',
  'DELIVERY',
  'OPEN',
  'CLICK',
  'RENDERING_FAILURE',
  'DELIVERY_DELAY',
  'SUBSCRIPTION',
] as const
export type SesEventType = (typeof eventTypes)[number]

export const suppressionReasons = ['BOUNCE', 'COMPLAINT'] as const
export type SesSuppressionReason = (typeof suppressionReasons)[number]

export const enforcementStatuses = ['HEALTHY', 'PROBATION', 'SHUTDOWN'] as const
/** What AWS has decided about an account. */
export type EnforcementStatus = (typeof enforcementStatuses)[number]

export type SesFeedbackType = 'Bounce' | 'Complaint' | 'Delivery'

export const onMxFailures = ['USE_DEFAULT_VALUE', 'REJECT_MESSAGE'] as const
export type OnMxFailure = (typeof onMxFailures)[number]

export type Identity = {
  readonly name: string
  readonly arn: string
  /** Easy DKIM of a domain: the tokens of its three CNAME records. Empty for an address. */
  readonly dkimTokens: readonly string[]
  mailFrom?: { readonly domain: string; readonly onMxFailure: OnMxFailure } | undefined
  defaultConfigurationSet?: string | undefined
  /** Topics for feedback notifications, the other dialect of SES events. */
  readonly feedbackTopics: Map<SesFeedbackType, string>
  /** Whether those notifications include the headers of the mail. */
  includeHeaders: boolean
  /** Whether feedback comes by mail. SES enables it again when it cannot publish to a topic. */
  feedbackForwarding: boolean
}

export const suppressionScopes = ['ACCOUNT', 'TENANT'] as const
/** Whose list stops mail: the account's, or that of the tenant that the mail names. */
export type SuppressionScope = (typeof suppressionScopes)[number]

export type EventDestination = {
  readonly name: string
  enabled: boolean
  matching: readonly SesEventType[]
  /** Undefined when SES has removed it. */
  topicArn?: string | undefined
}

export type ConfigurationSet = {
  readonly name: string
  readonly arn: string
  readonly destinations: Map<string, EventDestination>
  /** Undefined: the reasons of the account apply. Empty: no suppression. */
  suppressedReasons?: readonly SesSuppressionReason[] | undefined
  /** Undefined: the scope of the tenant applies, or else the account's list. */
  suppressionScope?: SuppressionScope | undefined
  /** Stored and returned. The embedded AWS validates no addresses. */
  validationOptions?: object | undefined
  sendingEnabled: boolean
}

/** A tenant of the account: a list of its own, which counts for mail with scope `TENANT`. */
export type Tenant = {
  readonly name: string
  readonly id: string
  scope: SuppressionScope
  readonly list: Map<string, SuppressedDestination>
}

export type SuppressedDestination = { address: string; reason: SesSuppressionReason; at: Date; messageId?: string }

export type SesTemplate = { readonly subject: string; readonly text: string; readonly html: string; readonly at: Date }

export type TrackingOverrides = { readonly opens?: boolean; readonly clicks?: boolean }

/** A mail that SES sent to one recipient. Mail that a suppression list stopped or SES refused is not included. */
export type OutgoingMail = {
  messageId: string
  recipient: string
  source: string
  subject: string
  at: Date
  /** Whether opens and clicks are tracked, if the mail overrides the setting of its configuration set. */
  tracking?: TrackingOverrides
}

export type SesAccount = {
  readonly account: string
  readonly region: string
  /** Whether the account is outside the sandbox. Inside, it can send only to verified addresses and the simulator. */
  productionAccess: boolean
  /**
   * The highest sending rate, in recipients per second. GetAccount says it; mail beyond it is refused only if it is enforced, so that a test
   * can send many mails within one second of its clock.
   */
  sendRate: { perSecond: number; isEnforced: boolean; second: number; sent: number }
  /** The most recipients in 24 hours outside the sandbox. Enforced together with the rate. */
  perDay: number
  /** Whether the owner lets the account send. */
  sendingEnabled: boolean
  enforcement: EnforcementStatus
  /** The rates by which SES judges the account, as its metrics say. Absent: it has sent too little. */
  reputation: { bounceRate?: number; complaintRate?: number }
  /** Throttling of calls about the account list: the `next` calls, and calls beyond `perSecond` within one second of the clock. */
  throttle: { next: number; perSecond: number }
  suppressedReasons: readonly SesSuppressionReason[]
  readonly identities: Map<string, Identity>
  /**
   * What SES finds of that which its owner must do for an identity: the names of DNS records, and the addresses whose link was opened. `all`:
   * everything, so that an identity is verified at once.
   */
  found: 'all' | Set<string>
  readonly configurationSets: Map<string, ConfigurationSet>
  readonly templates: Map<string, SesTemplate>
  /** The account list by address, in the case in which it was put. */
  readonly accountList: Map<string, SuppressedDestination>
  /** By name. The embedded AWS has no operation that creates one. */
  readonly tenants: Map<string, Tenant>
  readonly outgoingMails: OutgoingMail[]
}

export function createSesAccount(account: string, region: string): SesAccount {
  return {
    account,
    region,
    productionAccess: true,
    sendRate: { perSecond: 14, isEnforced: false, second: 0, sent: 0 },
    perDay: 50_000,
    sendingEnabled: true,
    enforcement: 'HEALTHY',
    reputation: {},
    throttle: { next: 0, perSecond: Number.POSITIVE_INFINITY },
    suppressedReasons: suppressionReasons,
    identities: new Map(),
    found: 'all',
    configurationSets: new Map(),
    templates: new Map(),
    accountList: new Map(),
    tenants: new Map(),
    outgoingMails: [],
  }
}

export function sesArnOf({ account, region }: SesAccount, resource: string): string {
  return `arn:aws:ses:${region}:${account}:${resource}`
}

/** Recipients in 24 hours. */
export const quotaOf = ({ productionAccess, perDay }: SesAccount): number => (productionAccess ? perDay : 200)

export function sentLast24Hours({ outgoingMails }: SesAccount, at: Date): number {
  const dayAgo = at.getTime() - 86_400_000
  return outgoingMails.filter((mail) => mail.at.getTime() > dayAgo).length
}

/** @throws AwsError NotFoundException */
export function findConfigurationSet(account: SesAccount, name: string): ConfigurationSet {
  const set = account.configurationSets.get(name)
  if (set) return set
  throw new AwsError('NotFoundException', `Configuration set <${name}> does not exist.`, 404)
}

/** The identity of an address: the address itself, else its domain, else the closest parent domain. */
export function findIdentity(account: SesAccount, address: string): Identity | undefined {
  const lower = address.toLowerCase()
  const exact = account.identities.get(lower)
  if (exact) return exact
  const labels = lower.slice(lower.lastIndexOf('@') + 1).split('.')
  for (let from = 0; from < labels.length - 1; from++) {
    const domain = account.identities.get(labels.slice(from).join('.'))
    if (domain) return domain
  }
  return undefined
}

/** @throws AwsError NotFoundException */
export function findTenant(account: SesAccount, name: string): Tenant {
  const tenant = account.tenants.get(name)
  if (tenant) return tenant
  throw new AwsError('NotFoundException', `Tenant <${name}> does not exist.`, 404)
}

/**
 * The list that applies to a mail. The scope of the configuration set takes precedence over that of the tenant. With scope `TENANT`, SES
 * ignores the account's list; a mail without a tenant then has no list.
 */
export function listFor(
  account: SesAccount,
  set: ConfigurationSet | undefined,
  tenant: Tenant | undefined,
): Map<string, SuppressedDestination> | undefined {
  const scope = set?.suppressionScope ?? tenant?.scope ?? 'ACCOUNT'
  return scope === 'ACCOUNT' ? account.accountList : tenant?.list
}

/**
 * The entry of the list that stops mail to an address. Case is ignored. The reason must be one that the configuration set, or else the
 * account, suppresses.
 */
export function findSuppression(
  account: SesAccount,
  set: ConfigurationSet | undefined,
  tenant: Tenant | undefined,
  address: string,
): SuppressedDestination | undefined {
  const reasons = set?.suppressedReasons ?? account.suppressedReasons
  const lower = address.toLowerCase()
  return [...(listFor(account, set, tenant)?.values() ?? [])].find(
    (entry) => entry.address.toLowerCase() === lower && reasons.includes(entry.reason),
  )
}
