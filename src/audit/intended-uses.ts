/**
 * The intended uses of our roles: the functions that run as each, and the purposes for which each opens sessions in customers' accounts.
 *
 * A test compares this file with serverless.yml. Any other use of these roles is unexpected. A role that is not listed here is for people.
 */

/** Role file → functions that Lambda runs as the role. Lambda names a session after the function. */
export const functionsOf: Readonly<Record<string, readonly string[]>> = {
  'configuration-management': ['manage-connection', 'prove-connections'],
  'connection-probe': ['probe-connection'],
  'dead-letter-replay': ['manage-dead-letters'],
  'notification-handler': ['record-bounce', 'record-complaint', 'record-feedback'],
  'role-audit': ['audit-role-use'],
  'suppression-propagation': ['propagate-suppression'],
  'suppression-reconcile': ['reconcile-suppressions'],
}

/** Role file → purposes of its sessions in customers' accounts. Such a session is named `PROJECT.PURPOSE`. */
export const purposesOf: Readonly<Record<string, readonly string[]>> = {
  'configuration-management': ['prove', 'configure'],
  'suppression-propagation': ['suppress', 'reinstate', 'look', 'list'],
  'suppression-reconcile': ['suppress', 'reinstate', 'look', 'list'],
}

/**
 * Roles that try to assume a customer's role without an external id, with a random one and with a similar one. A refusal is the intended
 * result, so any number of them is expected.
 */
export const probingRoles: readonly string[] = ['connection-probe', 'configuration-management']

/** The purpose of such an attempt. */
export const probePurpose = 'probe'

/** The only purpose for which a role may be assumed before it is stored. */
export const purposeBeforeStored = 'prove'

/**
 * Control roles of the probe → the only role that may assume each, and whether it must succeed. Both have no permissions:
 * docs/design/access.md#why-does-the-probe-have-control-roles
 */
export const controlRoles: Readonly<Record<string, { readonly caller: string; readonly isOpen: boolean }>> = {
  'probe-control-open': { caller: 'connection-probe', isOpen: true },
  'probe-control-closed': { caller: 'connection-probe', isOpen: false },
}
