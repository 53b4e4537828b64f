/**
 * The purposes of sessions in customers' accounts, and the roles that open sessions for each: the one list by which the sessions are typed
 * and by which the audit of role uses judges.
 *
 * A session is named `PROJECT.PURPOSE`. The customer sees the name in CloudTrail. Each name consists of lower case, digits and dashes.
 */

/** Purpose → role files whose functions open sessions for it. */
export const sessionPurposes = {
  prove: ['configuration-management'],
  configure: ['configuration-management'],
  'test-mail': ['configuration-management'],
  standing: ['configuration-management'],
  templates: ['configuration-management'],
  identities: ['configuration-management'],
  suppress: ['suppression-propagation', 'suppression-reconcile'],
  reinstate: ['suppression-propagation', 'suppression-reconcile'],
  look: ['suppression-propagation', 'suppression-reconcile'],
  list: ['suppression-propagation', 'suppression-reconcile'],
  quota: ['email-sending', 'feed-check'],
  application: ['session-broker'],
  send: ['email-sending'],
} as const satisfies Readonly<Record<string, readonly string[]>>

export type SessionPurpose = keyof typeof sessionPurposes

/** The purpose of an attempt to assume a customer's role that must be refused. No session is opened for it. */
export const probePurpose = 'probe'

/** The only purpose for which a role may be assumed before it is stored. */
export const purposeBeforeStored: SessionPurpose = 'prove'
