/** All rules, in the order of docs/iam-lint.md. */
import type { Rule } from './rule.ts'
import { actionExists } from './rules/action-exists.ts'
import { actionWildcard } from './rules/action-wildcard.ts'
import { bucketAccount } from './rules/bucket-account.ts'
import { bulkSending } from './rules/bulk-sending.ts'
import { conditionKey } from './rules/condition-key.ts'
import { externalId } from './rules/external-id.ts'
import { externalTrust } from './rules/external-trust.ts'
import { federatedTrust } from './rules/federated-trust.ts'
import { forAllValues } from './rules/for-all-values.ts'
import { functionRole } from './rules/function-role.ts'
import { headComment } from './rules/head-comment.ts'
import { notElements } from './rules/not-elements.ts'
import { oneRole } from './rules/one-role.ts'
import { operatorExists } from './rules/operator-exists.ts'
import { passRole } from './rules/pass-role.ts'
import { policySize } from './rules/policy-size.ts'
import { readable } from './rules/readable.ts'
import { sending } from './rules/sending.ts'
import { serviceTrust } from './rules/service-trust.ts'
import { sessionDuration } from './rules/session-duration.ts'
import { sid } from './rules/sid.ts'
import { starResource } from './rules/star-resource.ts'

export const rules: readonly Rule[] = [
  readable,
  actionExists,
  actionWildcard,
  notElements,
  starResource,
  operatorExists,
  conditionKey,
  forAllValues,
  bulkSending,
  sending,
  bucketAccount,
  passRole,
  externalTrust,
  externalId,
  federatedTrust,
  serviceTrust,
  sessionDuration,
  policySize,
  sid,
  headComment,
  oneRole,
  functionRole,
]
