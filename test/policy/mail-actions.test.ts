import { expect, test } from 'vitest'
import { grants } from '../../src/access/session/customer-actions.ts'
import { actionsOf, UnknownOperationError } from '../../src/policy/actions.ts'
import { mailActionsOf } from '../../src/policy/mail-actions.ts'

test('the actions of every command in customers’ accounts are those of the action table', () => {
  // Commands of other services are not about mail: src/access/session/session-policy.ts
  const commands = grants.flatMap((grant) => grant.commands).filter((command) => /^(ses|sns):/.test(command))
  expect(commands.length).toBeGreaterThan(10)
  for (const command of commands) expect(mailActionsOf(command)).toEqual(actionsOf(command))
})

test.each(['dynamodb:Query', 'ses:constructor', 'ses:', ''])(
  '%s is not a command in customers’ accounts',
  (command) => {
    expect(() => mailActionsOf(command)).toThrow(UnknownOperationError)
  },
)
