/**
 * Removes each listed difference from a case. A disagreement is explained only if both sides agree after the features in the case are
 * removed.
 */
import type { NamedPolicy, Statement } from '../../src/policy/document.ts'
import type { RandomCase } from './random-request.ts'

type Conditions = NonNullable<Statement['Condition']>
type Change = (condition: {
  operator: string
  key: string
  values: string[]
}) => { operator: string; values: string[] } | undefined

function mapStatements(given: RandomCase, change: (one: Statement) => Statement | undefined): RandomCase {
  const inPolicy = ({ name, document }: NamedPolicy): NamedPolicy => ({
    name,
    document: { ...document, Statement: document.Statement.flatMap((one) => change(one) ?? []) },
  })
  const { identity, session, boundary, resource, ...rest } = given.policies
  const policies = {
    ...rest,
    identity: identity.map(inPolicy),
    ...(session === undefined ? {} : { session: session.map(inPolicy) }),
    ...(boundary === undefined ? {} : { boundary: boundary.map(inPolicy) }),
    ...(resource === undefined ? {} : { resource: inPolicy(resource) }),
  }
  return { ...given, policies }
}

function mapVersions(given: RandomCase): RandomCase {
  const { policies } = JSON.parse(JSON.stringify(given).replaceAll('"Version":"2008-10-17"', '"Version":"2012-10-17"'))
  return { ...given, policies }
}

const mapConditions = (given: RandomCase, change: Change) =>
  mapStatements(given, (one) => {
    const Condition: Conditions = {}
    for (const [operator, keys] of Object.entries(one.Condition ?? {})) {
      for (const [key, values] of Object.entries(keys)) {
        const changed = change({ operator, key, values })
        if (changed !== undefined)
          Condition[changed.operator] = { ...Condition[changed.operator], [key]: changed.values }
      }
    }
    return { ...one, Condition }
  })

const hasNoValue = (text: string, given: RandomCase) =>
  text.includes('${aws:PrincipalTag/absent}') ||
  (text.includes('${aws:PrincipalTag/team}') && !('aws:PrincipalTag/team' in given.request.context))

const lists = ['aws:tagkeys', 'dynamodb:leadingkeys']

export const without: Record<string, (given: RandomCase) => RandomCase> = {
  'negated operator with a variable that has no value': (given) =>
    mapConditions(given, ({ operator, values }) => ({
      operator,
      values: values.map((value) => (operator.includes('Not') && hasNoValue(value, given) ? 'nobody' : value)),
    })),
  'ForAnyValue with IfExists on an absent key': (given) =>
    mapConditions(given, ({ operator, values }) => ({
      operator: operator.startsWith('ForAnyValue:') ? operator.replace('IfExists', '') : operator,
      values,
    })),
  'session policy beside a grant to the session or to everyone': (given) => {
    const { session: _, ...policies } = given.policies
    return { ...given, policies }
  },
  'Deny with NotPrincipal': (given) =>
    mapStatements(given, (one) => (one.NotPrincipal === undefined ? one : undefined)),
  'list without a set operator': (given) =>
    mapConditions(given, ({ operator, key, values }) =>
      lists.includes(key.toLowerCase()) && !operator.startsWith('For') && operator !== 'Null'
        ? undefined
        : { operator, values },
    ),
  'epoch seconds in a date operator': (given) =>
    mapConditions(given, ({ operator, values }) => ({
      operator,
      values: values.map((value) =>
        operator.includes('Date') && value === '1772366400' ? '2026-03-01T12:00:00Z' : value,
      ),
    })),
  'IP range of prefix length 0': (given) =>
    mapConditions(given, ({ operator, values }) => ({
      operator,
      values: values.map((value) => value.replace('0.0.0.0/0', '0.0.0.0/1')),
    })),
  'variable in an ARN whose resource part has no type': (given) => {
    const plain = (arn: string) => (/^arn:aws:s[nq]s:/.test(arn) ? arn.replace(/\$\{[^}]*\}/, 'red') : arn)
    return mapStatements(given, ({ Resource, NotResource, ...one }) => ({
      ...one,
      ...(Resource === undefined ? {} : { Resource: Resource.map(plain) }),
      ...(NotResource === undefined ? {} : { NotResource: NotResource.map(plain) }),
    }))
  },
  'ARN pattern of fewer than six parts in a condition': (given) =>
    mapConditions(given, ({ operator, values }) => ({
      operator,
      values: values.map((value) => (/^arn:([^:]*:){0,3}[^:]*$/.test(value) ? `${value}:*` : value)),
    })),
  'NotResource with a variable that has no value': (given) =>
    mapStatements(given, ({ NotResource, ...one }) => ({
      ...one,
      ...(NotResource === undefined
        ? {}
        : {
            NotResource: NotResource.map((arn) => (hasNoValue(arn, given) ? arn.replace(/\$\{.*\}/, 'nobody') : arn)),
          }),
    })),
  'variables in a document of version 2008-10-17': (given) => mapVersions(given),
  'range and address of different families in NotIpAddress': (given) => {
    const isV6 = String(given.request.context['aws:SourceIp']).includes(':')
    return mapConditions(given, ({ operator, values }) => {
      const kept = values.filter((value) => !operator.includes('NotIp') || value.includes(':') === isV6)
      return { operator, values: kept.length === 0 ? [isV6 ? 'fe80::1' : '192.0.2.1'] : kept }
    })
  },
}
