/**
 * An external id is a literal that Sesame made: 128 random bits as 32 hexadecimal digits. A shorter one or a name can be guessed; a pattern or
 * a policy variable lets the caller choose it. A parameter must accept such ids only. Other operators than StringEquals: external-trust.
 */
import { conditionsOf, sameKey } from '../conditions.ts'
import type { Rule } from '../rule.ts'

const form = /^[0-9a-f]{32}$/
const formPattern = '^[0-9a-f]{32}$'

export const externalId: Rule = {
  name: 'external-id',
  statement: (one) => {
    const { parsed, kind, resource } = one
    if (kind !== 'trust' || parsed?.Effect !== 'Allow') return []
    const parameters: Record<string, unknown> = Object(Object(resource.source.value).Parameters)
    /** The lint reads a parameter without a default as its name. */
    const isRestrictedParameter = (value: string) =>
      Object.hasOwn(parameters, value) && Object(parameters[value]).AllowedPattern === formPattern
    return conditionsOf(parsed)
      .filter(({ key, operator }) => sameKey(key, 'sts:ExternalId') && operator === 'StringEquals')
      .filter(({ values }) => !values.every((value) => form.test(value) || isRestrictedParameter(value)))
      .map(({ operator, key }) =>
        one.violation(
          ['Condition', operator, key],
          `${one.name} accepts an external id that Sesame did not make.`,
          `Use 32 hexadecimal digits, or a parameter whose AllowedPattern is ${formPattern}.`,
        ),
      )
  },
}
