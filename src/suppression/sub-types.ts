/**
 * What SES's own label says about an address: data, with the reason of each line. docs/suppression.md is generated from it.
 *
 * A label decides alone where SES knows more than the receiver's reply: what it did not send, what its own list or guess stopped, what is about the
 * message. https://docs.aws.amazon.com/ses/latest/dg/notification-contents.html
 */
import type { UncountedKind } from './evidence-kinds.ts'

/** What a sub-type decides: a kind of evidence that no rule counts by default, or the effect. */
export type SubTypeRow = {
  readonly subType: string
  readonly decides: UncountedKind | 'soft' | 'hard' | 'global-list'
  readonly reason: string
}

/** Sub-types of bounces that decide whatever the type. All others leave the decision to the code and the reply. */
export const subTypeRows: readonly SubTypeRow[] = [
  {
    subType: 'OnAccountSuppressionList',
    decides: 'echo',
    reason: 'SES sent nothing, because the account list has the address; the status 5.1.1 is its own',
  },
  {
    subType: 'OnTenantSuppressionList',
    decides: 'echo',
    reason: "SES sent nothing, because a tenant's list has the address",
  },
  {
    subType: 'EmailValidationSuppressed',
    decides: 'guess',
    reason: 'SES sent nothing, because its own validation expects a bounce; no server was asked',
  },
  {
    subType: 'UnsubscribedRecipient',
    decides: 'opt-out',
    reason: 'the recipient left a contact list or a topic; the mailbox works',
  },
  {
    subType: 'CustomTimeoutExceeded',
    decides: 'unclear',
    reason: "the sender's own time limit, of minutes perhaps, has passed",
  },
  { subType: 'MessageTooLarge', decides: 'message', reason: 'another message may arrive' },
  { subType: 'ContentRejected', decides: 'message', reason: 'another message may arrive' },
  { subType: 'AttachmentRejected', decides: 'message', reason: 'another message may arrive' },
  { subType: 'MailboxFull', decides: 'soft', reason: 'people empty full mailboxes' },
  {
    subType: 'Suppressed',
    decides: 'global-list',
    reason: "SES's global list has the address: it bounced for some customer of SES, and counts in the bounce rate",
  },
  { subType: 'NoEmail', decides: 'hard', reason: 'the receiver says that the address does not exist' },
]

/** SES's types of complaints that prove no complaint of the reader. */
export const feedbackTypeRows: readonly {
  readonly feedbackType: string
  readonly decides: 'report' | 'not-spam'
  readonly reason: string
}[] = [
  { feedbackType: 'not-spam', decides: 'not-spam', reason: 'the reader took the mail out of the junk folder' },
  {
    feedbackType: 'virus',
    decides: 'report',
    reason: 'a scanner reports a virus in the message; the reader decided nothing',
  },
  {
    feedbackType: 'auth-failure',
    decides: 'report',
    reason: "a receiver's machine reports failed authentication; the reader decided nothing",
  },
]
