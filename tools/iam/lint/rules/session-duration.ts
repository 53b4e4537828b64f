/** How long a session may last is written out, even where it is the default: people look for it. */
import type { Rule } from '../rule.ts'

export const sessionDuration: Rule = {
  name: 'session-duration',
  resource: (one) => {
    if (one.type !== 'AWS::IAM::Role') return []
    const mend = 'Write MaxSessionDuration in seconds, 3600 to 43200, no longer than the work needs.'
    if (one.properties.MaxSessionDuration === undefined)
      return [{ at: one.spot(), what: `${one.id} does not say how long its sessions last.`, mend }]
    const wrong = one
      .variants()
      .map((variant) => Object(variant).MaxSessionDuration)
      .filter((seconds) => !(Number.isInteger(Number(seconds)) && Number(seconds) >= 3600 && Number(seconds) <= 43200))
    return wrong.map((seconds) => ({
      at: one.spot('Properties', 'MaxSessionDuration'),
      what: `${one.id} has sessions of ${String(seconds)} seconds, which IAM refuses.`,
      mend,
    }))
  },
}
