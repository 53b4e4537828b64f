/**
 * An identity provider vouches for many: GitHub for every repository, a Cognito service for every pool, a company's SAML provider for every
 * employee. A trust policy that names only the provider lets all of them in. So it requires the audience and the subject.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif
 */
import type { Statement } from '../../../../src/policy/document.ts'
import { type Condition, conditionsOf, sameKey } from '../conditions.ts'
import type { Rule } from '../rule.ts'
import { actionsNamed } from '../service-authorization.ts'

/** The condition keys that say for whom a token is and about whom. `*` stands for any provider. */
type Keys = { readonly audience: readonly string[]; readonly subject: readonly string[] }

/** Attributes of an assertion that a person or a group of persons has. `SAML:iss` and `SAML:namequalifier` only repeat the provider. */
const saml: Keys = {
  audience: ['SAML:aud'],
  subject: [
    'sub',
    'mail',
    'uid',
    'cn',
    'commonName',
    'eduPersonPrincipalName',
    'eduPersonAffiliation',
    'eduPersonScopedAffiliation',
    'eduPersonEntitlement',
    'primaryGroupSID',
  ].map((attribute) => `SAML:${attribute}`),
}

/** Providers whose keys have other names than `:aud` and `:sub`. https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc.html */
const special: Readonly<Record<string, Keys>> = {
  'cognito-identity.amazonaws.com': {
    audience: ['cognito-identity.amazonaws.com:aud'],
    subject: ['cognito-identity.amazonaws.com:sub', 'cognito-identity.amazonaws.com:amr'],
  },
  'graph.facebook.com': { audience: ['graph.facebook.com:app_id'], subject: ['graph.facebook.com:id'] },
  'www.amazon.com': { audience: ['www.amazon.com:app_id'], subject: ['www.amazon.com:user_id'] },
}

export const federatedTrust: Rule = {
  name: 'federated-trust',
  statement: async (one) => {
    const { parsed, kind } = one
    if (kind !== 'trust' || parsed?.Effect !== 'Allow') return []
    const actions = new Set((await Promise.all((parsed.Action ?? []).map(actionsNamed))).flat())
    const any = (parsed.Action ?? []).includes('*')
    const may = (action: string) => any || actions.has(action)
    if (!may('sts:AssumeRoleWithWebIdentity') && !may('sts:AssumeRoleWithSAML')) return []
    return providersOf(parsed).flatMap((provider) => {
      const missing = missingOf(parsed, keysOf(provider))
      return missing === undefined
        ? []
        : [
            one.violation(
              ['Principal'],
              `${one.name} lets everyone in for whom ${provider} vouches: it does not require the ${missing.what}.`,
              `Add the condition StringEquals ${missing.keys.slice(0, 2).join(' or ')}${missing.what === 'subject' ? ', or StringLike with a pattern that names the owner' : ''}.`,
            ),
          ]
    })
  },
}

const providersOf = ({ Principal }: Statement): string[] =>
  Principal === '*' ? ['any provider'] : [...(Principal?.Federated ?? [])]

function keysOf(provider: string): Keys {
  if (/:saml-provider\//.test(provider)) return saml
  const host = /:oidc-provider\/(.+)$/.exec(provider)?.[1] ?? (provider.includes(':') ? '*' : provider)
  return special[host] ?? { audience: [`${host}:aud`], subject: [`${host}:sub`] }
}

function missingOf(statement: Statement, { audience, subject }: Keys) {
  const given = conditionsOf(statement)
  const isOf = (key: string, names: readonly string[]) =>
    names.some((name) =>
      name.startsWith('*') ? key.toLowerCase().endsWith(name.slice(1).toLowerCase()) : sameKey(key, name),
    )
  if (!given.some((one) => isOf(one.key, audience) && isExact(one))) return { what: 'audience', keys: audience }
  if (!given.some((one) => isOf(one.key, subject) && namesSomebody(one))) return { what: 'subject', keys: subject }
  return undefined
}

/** ForAllValues and IfExists are met by a token that lacks the key. */
const isExact = ({ operator, values }: Condition): boolean =>
  /^(ForAnyValue:)?StringEquals$/.test(operator) && values.length > 0

function namesSomebody(condition: Condition): boolean {
  const { operator, key, values } = condition
  // Cognito says "unauthenticated" of every visitor.
  if (/:amr$/i.test(key)) return isLike(operator) && values.every((value) => /^(?!unauthenticated$)[^*?]+$/.test(value))
  if (isExact(condition)) return true
  return isLike(operator) && values.length > 0 && values.every(namesOwner)
}

const isLike = (operator: string) => /^(ForAnyValue:)?String(Like|Equals)$/.test(operator)

/**
 * `repo:acme/mailer:*` and `repo:acme/*` name an owner, `repo:*` and `repo:acme*` do not: the owner's name must be complete. A Kubernetes
 * service account is named after `system:serviceaccount:` by its namespace. A pattern without a colon names no owner.
 */
function namesOwner(pattern: string): boolean {
  if (!/[*?]/.test(pattern)) return true
  return /^[^*?:]+:[^*?:/]+[:/]/.test(pattern.replace(/^system:serviceaccount:/, 'namespace:'))
}
