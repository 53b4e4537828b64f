/**
 * Step: our own role allows the call, so a refusal by STS comes from the customer's side.
 *
 * STS answers AccessDenied whichever side refuses. So this step evaluates our side with the evaluator of the embedded AWS, from the one
 * statement of our role files that decides. A test compares it with the files.
 * docs/design/access.md#why-judge-our-own-role-by-its-statement
 */
import { arnOf, type Deployment } from '../../../arn.ts'
import { parsePolicy } from '../../../policy/document.ts'
import { evaluate, explain } from '../../../policy/evaluate.ts'
import { type ProofStep, passing, unanswered } from '../step.ts'

/** The statement in iam/ that allows our roles to assume the roles of customers. */
export const assumeRoleStatement = ({ partition, account }: Pick<Deployment, 'partition' | 'account'>) => ({
  Sid: 'EnterCustomersAccountsWithTheExternalId',
  Effect: 'Allow',
  Action: 'sts:AssumeRole',
  Resource: `arn:${partition}:iam::*:role/sesame/*`,
  Condition: {
    Null: { 'sts:ExternalId': 'false' },
    StringNotEquals: { 'aws:ResourceAccount': account },
  },
})

const check = { step: 'our own role may assume it, and only with an external id', layer: 'own role' } as const

export function ownRoleStep(roleArn: string, deployment: Deployment): ProofStep {
  const { partition, account } = deployment
  const document = parsePolicy({ Version: '2012-10-17', Statement: assumeRoleStatement(deployment) }, 'identity')
  const resourceAccount = arnOf(roleArn).account
  const decisionWith = (context: Record<string, string>) =>
    evaluate(
      {
        principal: {
          kind: 'session',
          arn: `arn:${partition}:sts::${account}:assumed-role/ours/proof`,
          roleArn: `arn:${partition}:iam::${account}:role/sesame/ours`,
          account,
          userId: 'ours:proof',
        },
        action: 'sts:AssumeRole',
        resource: roleArn,
        resourceAccount,
        context: { 'aws:ResourceAccount': resourceAccount, ...context },
      },
      {
        identity: [{ name: 'our role', document }],
        // This step does not evaluate the customer's side.
        resource: { name: 'the customer’s trust', document: parsePolicy(trustsEverybody, 'trust') },
        isTrust: true,
      },
    )
  const withId = decisionWith({ 'sts:ExternalId': 'any' })
  if (withId.verdict === 'denied') return unanswered(check, `our role may not assume it: ${explain(withId)}`)
  const withoutId = decisionWith({})
  if (withoutId.verdict === 'allowed')
    return unanswered(check, `our role may assume it without an external id: ${explain(withoutId)}`)
  return passing(check, 'evaluated from iam/: a refusal below is not ours')
}

const trustsEverybody = {
  Version: '2012-10-17',
  Statement: { Effect: 'Allow', Principal: '*', Action: 'sts:AssumeRole' },
}
