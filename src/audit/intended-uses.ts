/**
 * The intended uses of our roles: the functions that run as each. For which purposes each opens sessions in customers' accounts:
 * src/session-purposes.ts.
 *
 * A test compares this file with serverless.yml. Any other use of these roles is unexpected. A role that is not listed here is for people.
 */

/** Role file → functions that Lambda runs as the role. Lambda names a session after the function. */
export const functionsOf: Readonly<Record<string, readonly string[]>> = {
  'analytics-processing': ['record-activity'],
  'count-sealing': ['seal-counts'],
  'configuration-management': ['manage-connection', 'manage-templates', 'prove-connections'],
  'connection-probe': ['probe-connection'],
  'dead-letter-replay': ['manage-dead-letters'],
  'email-sending': ['send-email'],
  erasure: ['forget-address'],
  'feed-check': ['check-feeds'],
  'notification-handler': ['record-bounce', 'record-complaint', 'record-feedback'],
  'rate-judging': ['judge-rates'],
  'report-reading': ['read-activity'],
  'report-writing': ['report'],
  'role-audit': ['audit-role-use'],
  'session-broker': ['open-session'],
  'suppression-propagation': ['propagate-suppression'],
  'suppression-reading': ['read-suppressions'],
  'suppression-reconcile': ['reconcile-suppressions'],
  'suppression-ruling': ['rule-on-addresses'],
  'webhook-delivery': ['deliver-webhook'],
  'webhook-management': ['manage-webhooks'],
}

/** Roles of our account with the data of one project → the roles that may assume each. Their sessions are named PROJECT.ACCESS. */
export const dataRoles: Readonly<Record<string, readonly string[]>> = {
  'project-data': [
    'configuration-management',
    'email-sending',
    'report-reading',
    'session-broker',
    'suppression-reading',
    'suppression-ruling',
  ],
}

/**
 * Roles with which Lambda polls a queue or a stream, or sends failed events to a queue: those of functions with an event source mapping or a
 * destination. Lambda names such a session `awslambda_NUMBER_TIME`.
 */
export const polledRoles: readonly string[] = [
  'analytics-processing',
  'configuration-management',
  'count-sealing',
  'feed-check',
  'notification-handler',
  'rate-judging',
  'report-writing',
  'role-audit',
  'suppression-propagation',
  'suppression-reconcile',
  'webhook-delivery',
]

/**
 * Roles that try to assume a customer's role without an external id, with a random one and with a similar one. A refusal is the intended
 * result, so any number of them is expected.
 */
export const probingRoles: readonly string[] = ['connection-probe', 'configuration-management']

/**
 * Control roles of the probe → the only role that may assume each, and whether it must succeed. Both have no permissions:
 * docs/design/access.md#why-does-the-probe-have-control-roles
 */
export const controlRoles: Readonly<Record<string, { readonly caller: string; readonly isOpen: boolean }>> = {
  'probe-control-open': { caller: 'connection-probe', isOpen: true },
  'probe-control-closed': { caller: 'connection-probe', isOpen: false },
}
