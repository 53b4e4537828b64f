/**
 * Any error as sentences for the person at the terminal: what happened, to which thing, and what to do next.
 *
 * Our own errors say so themselves. The errors of the AWS SDK do not: they name neither the stage nor the setting that is missing.
 */
import * as v from 'valibot'
import { readDenialSentence } from '../access/session/denial.ts'

/** What a command was told about AWS. */
export type Settings = {
  readonly stage: string
  readonly region?: string | undefined
  readonly profile?: string | undefined
  /** The address of another AWS, such as that of `npm start`. */
  readonly endpoint?: string | undefined
}

const SdkError = v.looseObject({ name: v.string(), message: v.string(), code: v.optional(v.string()) })
type Facts = { readonly name: string; readonly message: string; readonly code?: string | undefined }

type Explanation = {
  readonly matches: (error: Facts) => boolean
  readonly text: (error: Facts, settings: Settings) => string
  /** Every further call would fail alike. */
  readonly isGeneral: boolean
}

const named =
  (...names: readonly string[]) =>
  ({ name, code }: Facts) =>
    names.includes(name) || (code !== undefined && names.includes(code))

const placeOf = ({ stage, region }: Settings) => `stage ${stage}${region === undefined ? '' : ` in ${region}`}`

const explanations: readonly Explanation[] = [
  {
    matches: ({ message }) => message === 'Region is missing',
    text: () => 'No region is set. Set AWS_REGION, or add --region',
    isGeneral: true,
  },
  {
    matches: named('CredentialsProviderError', 'TokenProviderError'),
    text: ({ message }, { profile }) =>
      profile === undefined
        ? 'There are no AWS credentials. Log in (aws sso login), or set AWS_PROFILE or AWS_ACCESS_KEY_ID, or add --profile'
        : `The profile ${profile} gives no AWS credentials: ${withoutPeriod(message)}. Log in (aws sso login --profile ${profile}), or name another profile with --profile, or unset AWS_PROFILE`,
    isGeneral: true,
  },
  {
    matches: named('ECONNREFUSED', 'ECONNRESET', 'EHOSTUNREACH'),
    text: (_, { endpoint }) =>
      endpoint === undefined
        ? 'AWS does not answer. Check the network connection'
        : `Nothing answers at ${endpoint}, which AWS_ENDPOINT_URL names. Is npm start still running? For the real AWS, unset AWS_ENDPOINT_URL`,
    isGeneral: true,
  },
  {
    matches: named('ENOTFOUND', 'EAI_AGAIN'),
    text: (_, { region }) =>
      `AWS cannot be found: check the network connection and the region${region === undefined ? '' : ` ${region}`}`,
    isGeneral: true,
  },
  {
    matches: named('ETIMEDOUT', 'TimeoutError'),
    text: () => 'AWS did not answer in time. Try again',
    isGeneral: false,
  },
  {
    matches: named('ExpiredToken', 'ExpiredTokenException', 'RequestExpired'),
    text: () => 'The AWS credentials have expired. Log in again',
    isGeneral: true,
  },
  {
    matches: named(
      'UnrecognizedClientException',
      'InvalidClientTokenId',
      'InvalidSignatureException',
      'SignatureDoesNotMatch',
      'InvalidAccessKeyId',
    ),
    text: (_, { endpoint }) =>
      endpoint === undefined
        ? 'AWS does not accept the credentials. Log in again; AWS_PROFILE and AWS_SESSION_TOKEN may be left over from another account'
        : `${endpoint} does not accept the credentials. Use the export line that npm start printed last, and unset AWS_PROFILE AWS_SESSION_TOKEN`,
    isGeneral: true,
  },
  {
    matches: named('ResourceNotFoundException', 'QueueDoesNotExist', 'AWS.SimpleQueueService.NonExistentQueue'),
    text: (_, settings) =>
      `Sesame is not deployed as ${placeOf(settings)}, or not completely. Name another stage with --stage or SESAME_STAGE, another region with --region, or another account with --profile`,
    isGeneral: true,
  },
  {
    matches: ({ name }) => /^(AccessDenied|NotAuthorized|UnauthorizedOperation|AuthorizationError)/.test(name),
    text: ({ message }, { stage }) => {
      const { role, action, resource } = readDenialSentence(message)
      const who = role === undefined ? 'These credentials' : `The role ${role}`
      return `${who} may not call ${action ?? 'this operation'}${resource === undefined ? '' : ` on ${resource}`}. The command needs the permissions of iam/operator.yml: assume the role operator of stage ${stage}, or name another stage with --stage`
    },
    isGeneral: true,
  },
  {
    matches: ({ name }) => /Throttl|TooManyRequests|ProvisionedThroughputExceeded|RequestLimitExceeded/.test(name),
    text: () => 'AWS limits the calls at this time. Try again in a minute',
    isGeneral: false,
  },
  {
    matches: named('ValiError'),
    text: ({ message }) =>
      `The answer of the stack has another form than this version of the command expects (${withoutPeriod(message)}). Deploy the same version as that of the command`,
    isGeneral: false,
  },
]

const withoutPeriod = (text: string) => text.replace(/\.$/, '')

function factsOf(error: unknown): Facts | undefined {
  // Node reports a refused connection to several addresses as one error without a message.
  const inner = error instanceof AggregateError ? error.errors[0] : error
  return v.is(SdkError, inner) ? { name: inner.name, message: inner.message, code: inner.code } : undefined
}

const explanationOf = (facts: Facts | undefined) => facts && explanations.find(({ matches }) => matches(facts))

/** Whether the error would meet every further call, too: then a command over many items stops. */
export const concernsEveryCall = (error: unknown): boolean => explanationOf(factsOf(error))?.isGeneral ?? false

/** The error in words, without a stack trace. */
export function explainError(error: unknown, settings: Settings = { stage: 'dev' }): string {
  const facts = factsOf(error)
  if (facts === undefined) return String(error)
  const explanation = explanationOf(facts)
  if (explanation !== undefined) return explanation.text(facts, settings)
  const isFromAws = typeof Object(error).$metadata === 'object'
  return isFromAws ? `AWS answered ${facts.name}: ${facts.message || 'no message'}` : facts.message || facts.name
}
