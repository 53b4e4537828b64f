import { readdirSync, readFileSync } from 'node:fs'
import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import { parsePolicy } from '../../src/policy/document.ts'
import { type AccessRequest, evaluate, explain, type Policies, type Principal } from '../../src/policy/evaluate.ts'

/** One case: its differences from the defaults below, the verdict, and text that the explanation must contain. */
const caseSchema = v.strictObject({
  name: v.string(),
  by: v.optional(v.picklist(['handler', 'stranger', 'root', 'ses', 'anonymous', 'github']), 'handler'),
  action: v.optional(v.string(), 'dynamodb:UpdateItem'),
  resource: v.optional(v.string(), 'arn:aws:dynamodb:us-east-1:123456789012:table/suppressions'),
  owner: v.optional(v.string(), '123456789012'),
  context: v.optional(v.record(v.string(), v.union([v.string(), v.array(v.string())])), {}),
  version: v.optional(v.string(), '2012-10-17'),
  identity: v.optional(v.array(v.unknown()), []),
  session: v.optional(v.array(v.unknown())),
  boundary: v.optional(v.array(v.unknown())),
  resourcePolicy: v.optional(v.array(v.unknown())),
  trust: v.optional(v.array(v.unknown())),
  verdict: v.picklist(['allowed', 'denied']),
  decidedBy: v.picklist(['identity', 'resource', 'trust', 'session', 'boundary']),
  says: v.optional(v.string()),
})

const session = (account: string): Principal => ({
  kind: 'session',
  arn: `arn:aws:sts::${account}:assumed-role/handler/one`,
  roleArn: `arn:aws:iam::${account}:role/sesame/handler`,
  account,
  userId: 'AROA1:one',
})
const principals: Record<string, Principal> = {
  handler: session('123456789012'),
  stranger: session('444455556666'),
  root: { kind: 'root', arn: 'arn:aws:iam::123456789012:root', account: '123456789012' },
  ses: { kind: 'service', service: 'ses.amazonaws.com' },
  anonymous: { kind: 'anonymous' },
  github: {
    kind: 'federated',
    provider: 'arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com',
  },
}

function evaluateCase(given: v.InferOutput<typeof caseSchema>) {
  const namedPolicy = (name: string, statements: unknown[], kind: 'identity' | 'resource' | 'trust') => ({
    name,
    document: parsePolicy({ Version: given.version, Statement: statements }, kind),
  })
  const principal = principals[given.by]
  if (principal === undefined) throw new Error(given.by)
  const resource = given.trust ?? given.resourcePolicy
  const { action, context } = given
  const request: AccessRequest = { principal, action, resource: given.resource, resourceAccount: given.owner, context }
  const policies: Policies = {
    identity: given.identity.length === 0 ? [] : [namedPolicy('handler', given.identity, 'identity')],
    ...(given.session === undefined ? {} : { session: [namedPolicy('session', given.session, 'identity')] }),
    ...(given.boundary === undefined ? {} : { boundary: [namedPolicy('boundary', given.boundary, 'identity')] }),
    ...(resource === undefined
      ? {}
      : { resource: namedPolicy('resource', resource, given.trust ? 'trust' : 'resource') }),
    ...(given.trust === undefined ? {} : { isTrust: true }),
  }
  return evaluate(request, policies)
}

const folder = new URL('cases/', import.meta.url)
for (const file of readdirSync(folder)) {
  describe(file.replace('.json', ''), () => {
    const cases = v.parse(v.array(caseSchema), JSON.parse(readFileSync(new URL(file, folder), 'utf8')))
    test.each(cases.map((given) => [given.name, given] as const))('%s', (_, given) => {
      const decision = evaluateCase(given)
      const line = explain(decision)
      expect({ verdict: decision.verdict, decidedBy: decision.decidedBy }, line).toEqual({
        verdict: given.verdict,
        decidedBy: given.decidedBy,
      })
      expect(line).toContain(given.says ?? given.verdict)
    })
  })
}
