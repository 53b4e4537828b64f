/** The maximum session duration is explicit even if it is the default, because reviewers look for it. */
import type { Rule } from '../rule.ts'

export const sessionDuration: Rule = {
  name: 'session-duration',
  resource: (one) => {
    if (one.type !== 'AWS::IAM::Role') return []
    const fix = 'Set MaxSessionDuration in seconds, 3600 to 43200, no longer than the work needs.'
    if (one.properties.MaxSessionDuration === undefined)
      return [{ at: one.location(), problem: `${one.id} does not set its maximum session duration.`, fix }]
    const wrong = one
      .variants()
      .map((variant) => Object(variant).MaxSessionDuration)
      .filter((seconds) => !(Number.isInteger(Number(seconds)) && Number(seconds) >= 3600 && Number(seconds) <= 43200))
    return wrong.map((seconds) => ({
      at: one.location('Properties', 'MaxSessionDuration'),
      problem: `${one.id} has a session duration of ${String(seconds)} seconds, which IAM rejects.`,
      fix,
    }))
  },
}
