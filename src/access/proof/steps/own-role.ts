/**
 * Step: our own role allows the call, so that a refusal by STS is the customer's.
 *
 * STS says AccessDenied whoever refuses. So our own side is judged here, by the evaluation that the embedded AWS uses too, from the one
 * statement of our role files that counts; a test holds the files to it. docs/decisions/0091-our-own-side-is-judged-from-its-statement.md
 */

import type { Deployment } from '../../../arn.ts'
import { parsePolicy } from '../../../policy/document.ts'
import { evaluate, explain } from '../../../policy/evaluate.ts'
import { type ProofStep, passing, unanswered } from '../step.ts'

/** The statement by which our roles enter customers' accounts, as their files in iam/ have it. */
export const enteringStatement = ({ partition, account }: Pick<Deployment, 'partition' | 'account'>) => ({
  Sid: 'EnterCustomersAccountsWithTheExternalId',
  Effect: 'Allow',
  Action: 'sts:AssumeRole',
  Resource: `arn:${partition}:iam::*:role/sesame/*`,
  Condition: {
    Null: { 'sts:ExternalId': 'false' },
    StringNotEquals: { 'aws:ResourceAccount': account },
  },
})

const name = { step: 'our own role may enter it, and only with an external id', layer: 'own role' } as const

export function ownRoleStep(roleArn: string, place: Deployment): ProofStep {
  const { partition, account } = place
  const document = parsePolicy({ Version: '2012-10-17', Statement: enteringStatement(place) }, 'identity')
  const resourceAccount = roleArn.split(':')[4] ?? ''
  const ask = (context: Record<string, string>) =>
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
        // The customer's side is not the question here.
        resource: { name: 'the customer’s trust', document: parsePolicy(anyone, 'trust') },
        isTrust: true,
      },
    )
  const withId = ask({ 'sts:ExternalId': 'any' })
  if (withId.verdict === 'denied') return unanswered(name, `it does not: ${explain(withId)}`)
  const without = ask({})
  if (without.verdict === 'allowed') return unanswered(name, `it may enter without an external id: ${explain(without)}`)
  return passing(name, 'judged from iam/: a refusal below is not ours')
}

const anyone = {
  Version: '2012-10-17',
  Statement: { Effect: 'Allow', Principal: '*', Action: 'sts:AssumeRole' },
}
