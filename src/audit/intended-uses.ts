/**
 * What our roles are for: which functions run as each, and what each enters customers' accounts to do.
 *
 * A test holds it to serverless.yml; a use that is not here is an unexpected one. Roles that are not here are people's.
 */

/** Role file → the functions that Lambda runs under it. Lambda names a session after the function. */
export const functionsOf: Readonly<Record<string, readonly string[]>> = {
  'configuration-management': ['manage-connection', 'prove-connections'],
  'connection-probe': ['probe-connection'],
  'notification-handler': ['record-bounce', 'record-complaint', 'record-feedback'],
  'role-audit': ['audit-role-use'],
  'suppression-propagation': ['propagate-suppression'],
  'suppression-reconcile': ['reconcile-suppressions'],
}

/** Role file → the purposes with which it opens sessions in customers' accounts: `PROJECT.PURPOSE`. */
export const purposesOf: Readonly<Record<string, readonly string[]>> = {
  'configuration-management': ['prove', 'configure'],
  'suppression-propagation': ['suppress', 'reinstate', 'look', 'list'],
  'suppression-reconcile': ['suppress', 'reinstate', 'look', 'list'],
}

/**
 * They try whether strangers are refused, with no id, a random one, or one that resembles the right one: that they are, is what should
 * happen, however often.
 */
export const proving: readonly string[] = ['connection-probe', 'configuration-management']

/** The purpose of such a trial. It is meant to be refused. */
export const trial = 'probe'

/** The one purpose for which a role is entered before it is stored. */
export const beforeTheRoleIsStored = 'prove'
