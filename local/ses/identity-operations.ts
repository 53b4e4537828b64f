/** Identities: addresses and domains that may send. A new identity is verified at once. */
import * as v from 'valibot'
import { AwsError, type ServiceCall, type ServiceOperation } from '../service.ts'
import { readInput } from '../wire/input.ts'
import { findConfigurationSet, type Identity, type SesAccount, sesArnOf } from './account.ts'
import { pageOf, paging } from './paging.ts'

const byName = v.object({
  EmailIdentity: v.pipe(v.string(), v.regex(/^([^@\s]+@)?[^@\s]+\.[^@\s]+$/), v.toLowerCase()),
})
const create = v.object({ ...byName.entries, ConfigurationSetName: v.optional(v.string()) })
const list = v.object(paging)

const typeOf = (name: string) => (name.includes('@') ? 'EMAIL_ADDRESS' : 'DOMAIN')
const dkim = { SigningEnabled: false, Status: 'NOT_STARTED', SigningAttributesOrigin: 'AWS_SES' }

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
      account.identities.set(name, {
        name,
        arn: sesArnOf(account, `identity/${name}`),
        verified: true,
        defaultConfigurationSet: set,
        feedbackTopics: new Map(),
        includeHeaders: false,
        feedbackForwarding: true,
      })
      return { IdentityType: typeOf(name), VerifiedForSendingStatus: true, DkimAttributes: dkim }
    },
    GetEmailIdentity(call) {
      const identity = findByName(call)
      const set = identity.defaultConfigurationSet
      return {
        IdentityType: typeOf(identity.name),
        FeedbackForwardingStatus: identity.feedbackForwarding,
        VerifiedForSendingStatus: identity.verified,
        VerificationStatus: identity.verified ? 'SUCCESS' : 'PENDING',
        DkimAttributes: dkim,
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
    DeleteEmailIdentity(call) {
      accountOf(call).identities.delete(findByName(call).name)
      return {}
    },
    ListEmailIdentities(call) {
      const input = readInput(list, call, 'BadRequestException')
      const { page, next } = pageOf([...accountOf(call).identities.values()], (identity) => identity.name, input)
      return {
        EmailIdentities: page.map(({ name, verified }) => ({
          IdentityType: typeOf(name),
          IdentityName: name,
          SendingEnabled: verified,
          VerificationStatus: verified ? 'SUCCESS' : 'PENDING',
        })),
        ...next,
      }
    },
  }
}
