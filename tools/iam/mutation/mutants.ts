/**
 * Every single-change mutation of a role file: one action, resource, principal, condition or condition value removed or widened to `*`.
 */
import type { PolicyDocument } from '../../../src/policy/document.ts'
import {
  patternOperator,
  withAnyPrincipal,
  withAnyValue,
  withoutCondition,
  withoutItem,
  withoutPrincipal,
  withoutValue,
  withStar,
} from '../changes.ts'
import type { FileStatement, Part } from '../role-parts.ts'

export type Mutant = {
  readonly part: Part
  /** For example `operator / ReadTheList: without action dynamodb:Query`. Stable as long as the statement does not change. */
  readonly name: string
  /** The verdict that the mutant can change: `denied` if it widens, `allowed` if it narrows. Undefined: either. */
  readonly turns?: 'allowed' | 'denied'
  apply(document: PolicyDocument): PolicyDocument
}

export const mutantsOf = (part: Part): Mutant[] =>
  part.statements.flatMap((one, statement) => {
    const where = `${part.file} / ${part.isTrust ? 'trust: ' : ''}${one.sid || `statement ${statement + 1}`}`
    const named = ([name, apply]: Change): Mutant => {
      const widens = name.endsWith('widened to *') || name.startsWith('without condition')
      // With a negated operator, removing a value widens.
      const turns = /^without .* in .*Not/.test(name)
        ? undefined
        : widens === (one.effect === 'Allow')
          ? 'denied'
          : 'allowed'
      return { part, name: `${where}: ${name}`, apply, ...(turns && { turns }) }
    }
    return [...listed(part, one, statement), ...principals(part, one, statement), ...conditions(one, statement)].map(
      named,
    )
  })

type Change = [name: string, apply: Mutant['apply']]

function listed({ isTrust }: Part, { actions, resources }: FileStatement, statement: number): Change[] {
  const place = { statement }
  const item = (list: readonly string[], at: number) => (list.length === 1 ? undefined : at)
  return [
    ...actions.flatMap((action, at): Change[] => [
      [`without action ${action}`, (given) => withoutItem(given, place, 'Action', item(actions, at))],
      [`action ${action} widened to *`, (given) => withStar(given, place, 'Action', item(actions, at))],
    ]),
    ...(isTrust ? [] : resources).flatMap((resource, at): Change[] => [
      [`without resource ${resource}`, (given) => withoutItem(given, place, 'Resource', item(resources, at))],
      ...(resource === '*'
        ? []
        : ([
            [`resource ${resource} widened to *`, (given) => withStar(given, place, 'Resource', item(resources, at))],
          ] satisfies Change[])),
    ]),
  ]
}

function principals(part: Part, { principals: all }: FileStatement, statement: number): Change[] {
  if (!part.isTrust) return []
  const removals = all.map(({ kind, name }): Change => {
    const alike = all.filter((one) => one.kind === kind)
    const at = alike.length === 1 ? undefined : alike.findIndex((one) => one.name === name)
    return [`without principal ${kind} ${name}`, (given) => withoutPrincipal(given, { statement }, kind, at)]
  })
  return [...removals, ['principal widened to *', (given) => withAnyPrincipal(given, { statement })]]
}

function conditions({ conditions: all }: FileStatement, statement: number): Change[] {
  return all.flatMap(({ operator, key, values }): Change[] => {
    const place = { statement, operator, key }
    const pattern = patternOperator(operator)
    return [
      [`without condition ${operator} ${key}`, (given) => withoutCondition(given, place)],
      ...(values.length === 1
        ? []
        : values.map(
            (value, at): Change => [
              `without ${value} in ${operator} ${key}`,
              (given) => withoutValue(given, place, at),
            ],
          )),
      ...(pattern === undefined
        ? []
        : values
            .filter((value) => value !== '*')
            .map(
              (value): Change => [
                `${operator} ${key} ${value} widened to *`,
                (given) => withAnyValue(given, place, values.length === 1 ? undefined : values.indexOf(value), pattern),
              ],
            )),
    ]
  })
}
