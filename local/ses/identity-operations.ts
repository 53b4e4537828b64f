/** Identities: addresses and domains that may send, their DKIM tokens and MAIL FROM domains. A new identity is verified by default. */
import * as v from 'valibot'
import { AwsError, type ServiceCall, type ServiceOperation } from '../service.ts'
import { readInput } from '../wire/input.ts'
import { findConfigurationSet, type Identity, onMxFailures, type SesAccount, sesArnOf } from './account.ts'
import { pageOf, paging } from './paging.ts'
import {
  dkimAttributesOf,
  dkimTokensOf,
  isAddress,
  isVerified,
  mailFromAttributesOf,
  verificationOf,
} from './verification.ts'

const byName = v.object({
  EmailIdentity: v.pipe(v.string(), v.regex(/^([^@\s]+@)?[^@\s]+\.[^@\s]+$/), v.toLowerCase()),
})
const create = v.object({ ...byName.entries, ConfigurationSetName: v.optional(v.string()) })
const list = v.object(paging)
const mailFrom = v.object({
  ...byName.entries,
  MailFromDomain: v.optional(v.pipe(v.string(), v.toLowerCase())),
  BehaviorOnMxFailure: v.optional(v.picklist(onMxFailures), 'USE_DEFAULT_VALUE'),
})

/** SES's quota. */
const maxIdentities = 10_000

const typeOf = (name: string) => (isAddress(name) ? 'EMAIL_ADDRESS' : 'DOMAIN')

export function identityOperations(accountOf: (call: ServiceCall) => SesAccount): Record<string, ServiceOperation> {
  const findByName = (call: ServiceCall): Identity => {
    const { EmailIdentity: name } = readInput(byName, call, 'BadRequestException')
    const identity = accountOf(call).identities.get(name)
    if (identity) return identity
    throw new AwsError('NotFoundException', `Email identity ${name} does not exist.`, 404)
  }

  return {
    CreateEmailIdentity(call) {
      const input = readInput(create, call, 'BadRequestException')
      const account = accountOf(call)
      const name = input.EmailIdentity
      if (account.identities.has(name)) {
        throw new AwsError('AlreadyExistsException', `Email identity ${name} already exist.`)
      }
      const set = input.ConfigurationSetName
      if (set !== undefined) findConfigurationSet(account, set)
      if (account.identities.size >= maxIdentities)
        throw new AwsError('LimitExceededException', 'The account has too many identities.')
      const identity: Identity = {
        name,
        arn: sesArnOf(account, `identity/${name}`),
        dkimTokens: isAddress(name) ? [] : dkimTokensOf(account, name),
        defaultConfigurationSet: set,
        feedbackTopics: new Map(),
        includeHeaders: false,
        feedbackForwarding: true,
      }
      account.identities.set(name, identity)
      return {
        IdentityType: typeOf(name),
        VerifiedForSendingStatus: isVerified(account, identity),
        DkimAttributes: dkimAttributesOf(account, identity),
      }
    },
    GetEmailIdentity(call) {
      const account = accountOf(call)
      const identity = findByName(call)
      const set = identity.defaultConfigurationSet
      return {
        IdentityType: typeOf(identity.name),
        FeedbackForwardingStatus: identity.feedbackForwarding,
        VerifiedForSendingStatus: isVerified(account, identity),
        ...verificationOf(account, identity, call.at),
        DkimAttributes: dkimAttributesOf(account, identity),
        MailFromAttributes: mailFromAttributesOf(account, identity),
        Policies: {},
        Tags: [],
        ...(set !== undefined && { ConfigurationSetName: set }),
      }
    },
    /** Sets the default configuration set of the identity. Without a name it removes the default. */
    PutEmailIdentityConfigurationSetAttributes(call) {
      const { ConfigurationSetName: set } = readInput(create, call, 'BadRequestException')
      const identity = findByName(call)
      if (set !== undefined) findConfigurationSet(accountOf(call), set)
      identity.defaultConfigurationSet = set
      return {}
    },
    /** Sets the MAIL FROM domain. Without a domain it removes the setting. */
    PutEmailIdentityMailFromAttributes(call) {
      const input = readInput(mailFrom, call, 'BadRequestException')
      const identity = findByName(call)
      const domain = input.MailFromDomain || undefined
      const parent = identity.name.slice(identity.name.lastIndexOf('@') + 1)
      if (domain !== undefined && !domain.endsWith(`.${parent}`))
        throw new AwsError(
          'BadRequestException',
          `Provided MAIL-FROM domain <${domain}> is not subdomain of the domain of the identity <${parent}>.`,
        )
      identity.mailFrom = domain === undefined ? undefined : { domain, onMxFailure: input.BehaviorOnMxFailure }
      return {}
    },
    DeleteEmailIdentity(call) {
      accountOf(call).identities.delete(findByName(call).name)
      return {}
    },
    ListEmailIdentities(call) {
      const input = readInput(list, call, 'BadRequestException')
      const account = accountOf(call)
      const { page, next } = pageOf([...account.identities.values()], (identity) => identity.name, input)
      return {
        EmailIdentities: page.map((identity) => ({
          IdentityType: typeOf(identity.name),
          IdentityName: identity.name,
          SendingEnabled: isVerified(account, identity),
          VerificationStatus: verificationOf(account, identity, call.at).VerificationStatus,
        })),
        ...next,
      }
    },
  }
}
