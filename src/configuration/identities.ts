/**
 * Identities of an SES account: addresses and domains that may send, how far they are verified, their DKIM and their MAIL FROM domain.
 * https://docs.aws.amazon.com/ses/latest/dg/verify-addresses-and-domains.html
 */
import {
  AlreadyExistsException,
  BadRequestException,
  CreateEmailIdentityCommand,
  GetEmailIdentityCommand,
  type GetEmailIdentityCommandOutput,
  ListEmailIdentitiesCommand,
  NotFoundException,
  PutEmailIdentityMailFromAttributesCommand,
  type SESv2Client,
} from '@aws-sdk/client-sesv2'
import { sessionStatementsOf } from '../access/session/session-policy.ts'
import type { SessionCredentials, Sessions, SessionTarget } from '../access/session/sessions.ts'
import { answered } from '../answered.ts'
import type { IdentityFacts, VerificationState } from './identity-records.ts'
import type { Refused } from './stored-templates.ts'
import { unlessMissing } from './unless-missing.ts'

export type FoundIdentity = IdentityFacts & {
  readonly maySend: boolean
  readonly checkedAt?: Date
  /** Why SES could not verify it: HOST_NOT_FOUND, INVALID_VALUE and others. */
  readonly problem?: string
}

export type ListedIdentity = Pick<FoundIdentity, 'identity' | 'kind' | 'maySend' | 'verification'>

export type Identities = ReturnType<typeof createIdentities>

const pageSize = 1_000

/** @param sesIn creates a client for a region with the credentials of a session */
export function createIdentities(
  sessions: Pick<Sessions, 'use'>,
  sesIn: (region: string, credentials: SessionCredentials) => SESv2Client,
) {
  const call = <T>(
    target: SessionTarget,
    command: string,
    identity: string | undefined,
    run: (ses: SESv2Client) => Promise<T>,
  ): Promise<T> => {
    const allow = sessionStatementsOf(target, [`ses:${command}`], identity === undefined ? {} : { identity })
    return sessions.use(target, { name: 'identities', seconds: 900, allow }, (credentials) =>
      run(sesIn(target.region, credentials)),
    )
  }

  return {
    list: (
      target: SessionTarget,
      token: string | undefined,
    ): Promise<{ readonly identities: readonly ListedIdentity[]; readonly next?: string }> =>
      call(target, 'ListEmailIdentities', undefined, async (ses) => {
        const { EmailIdentities, NextToken } = await ses.send(
          new ListEmailIdentitiesCommand({ PageSize: pageSize, NextToken: token }),
        )
        const identities = answered(EmailIdentities, 'ListEmailIdentities: EmailIdentities').flatMap(
          ({ IdentityName: identity, IdentityType, SendingEnabled, VerificationStatus }): ListedIdentity[] =>
            identity === undefined
              ? []
              : [
                  {
                    identity,
                    kind: IdentityType === 'EMAIL_ADDRESS' ? 'address' : 'domain',
                    maySend: SendingEnabled === true,
                    verification: verificationOf(VerificationStatus),
                  },
                ],
        )
        return { identities, ...(NextToken && { next: NextToken }) }
      }),

    /** `undefined` if the account has no such identity. */
    find: (target: SessionTarget, identity: string): Promise<FoundIdentity | undefined> =>
      call(target, 'GetEmailIdentity', identity, async (ses) => {
        const found = await unlessMissing(ses.send(new GetEmailIdentityCommand({ EmailIdentity: identity })))
        return found && factsOf(identity, found)
      }),

    /** Idempotent: an identity that exists stays as it is. SES sends a mail with a link to a new address. */
    create: (target: SessionTarget, identity: string): Promise<'created' | 'exists' | Refused> =>
      call(target, 'CreateEmailIdentity', identity, async (ses) => {
        try {
          await ses.send(new CreateEmailIdentityCommand({ EmailIdentity: identity }))
          return 'created'
        } catch (error) {
          if (error instanceof AlreadyExistsException) return 'exists'
          if (error instanceof BadRequestException) return { refused: error.message }
          throw error
        }
      }),

    /**
     * Idempotent: it replaces the setting.
     * @param domain absent: SES uses its own domain again
     */
    setMailFrom: (
      target: SessionTarget,
      identity: string,
      domain: string | undefined,
      ifMissing: 'use default' | 'reject',
    ): Promise<'done' | 'missing' | Refused> =>
      call(target, 'PutEmailIdentityMailFromAttributes', identity, async (ses) => {
        try {
          await ses.send(
            new PutEmailIdentityMailFromAttributesCommand({
              EmailIdentity: identity,
              ...(domain !== undefined && { MailFromDomain: domain }),
              BehaviorOnMxFailure: ifMissing === 'reject' ? 'REJECT_MESSAGE' : 'USE_DEFAULT_VALUE',
            }),
          )
          return 'done'
        } catch (error) {
          if (error instanceof NotFoundException) return 'missing'
          if (error instanceof BadRequestException) return { refused: error.message }
          throw error
        }
      }),
  }
}

const verificationStates: Readonly<Record<string, VerificationState>> = {
  SUCCESS: 'verified',
  PENDING: 'pending',
  FAILED: 'failed',
  TEMPORARY_FAILURE: 'temporary failure',
}

/** A status that is new, or absent, is not read as a success. */
const verificationOf = (status: string | undefined): VerificationState =>
  verificationStates[status ?? ''] ?? 'not started'

function factsOf(identity: string, found: GetEmailIdentityCommandOutput): FoundIdentity {
  const { DkimAttributes: dkim = {}, MailFromAttributes: mailFrom, VerificationInfo: info } = found
  const { MailFromDomain: domain } = mailFrom ?? {}
  return {
    identity,
    kind: found.IdentityType === 'EMAIL_ADDRESS' ? 'address' : 'domain',
    maySend: found.VerifiedForSendingStatus === true,
    verification: verificationOf(found.VerificationStatus),
    ...(info?.LastCheckedTimestamp && { checkedAt: info.LastCheckedTimestamp }),
    ...(info?.ErrorType && { problem: info.ErrorType }),
    dkim: {
      state: verificationOf(dkim.Status),
      origin: dkim.SigningAttributesOrigin === 'EXTERNAL' ? 'own' : 'SES',
      tokens: dkim.Tokens ?? [],
      zone: dkim.SigningHostedZone ?? 'dkim.amazonses.com',
    },
    ...(domain && {
      mailFrom: {
        domain,
        state: verificationOf(mailFrom?.MailFromDomainStatus),
        ifMissing: mailFrom?.BehaviorOnMxFailure === 'REJECT_MESSAGE' ? 'reject' : 'use default',
      },
    }),
  }
}
