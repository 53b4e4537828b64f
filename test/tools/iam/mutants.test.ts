import { describe, expect, test } from 'vitest'
import { judgedCalls } from '../../../local/judged-call.ts'
import { parsePolicy } from '../../../src/policy/document.ts'
import { type AccessRequest, evaluate } from '../../../src/policy/evaluate.ts'
import type { CallRecord } from '../../../tools/iam/coverage/call-record.ts'
import { coverageOf } from '../../../tools/iam/coverage/coverage.ts'
import { createRecogniser } from '../../../tools/iam/coverage/recognise.ts'
import { startRecorder } from '../../../tools/iam/coverage/recorder.ts'
import { needlessEntries, unexpectedRefusals } from '../../../tools/iam/coverage/refusals.ts'
import { unexercisedGrants } from '../../../tools/iam/coverage/unexercised.ts'
import { callsByPart, detectionOf } from '../../../tools/iam/mutation/detect.ts'
import { mutantsOf } from '../../../tools/iam/mutation/mutants.ts'
import { partsOf } from '../../../tools/iam/role-parts.ts'

/** A role file in JSON, which is also YAML. */
const clerk = (change: object = {}) => ({
  Sid: 'ReadOrders',
  Effect: 'Allow',
  Action: ['dynamodb:Query', 'dynamodb:GetItem'],
  Resource: 'arn:aws:dynamodb:us-east-1:123456789012:table/orders',
  Condition: { StringEquals: { 'aws:RequestedRegion': ['us-east-1', 'eu-west-1'] } },
  ...change,
})
const fileOf = (statement: object) =>
  JSON.stringify({
    Resources: {
      Clerk: {
        Type: 'AWS::IAM::Role',
        Properties: {
          Policies: [{ PolicyName: 'clerk', PolicyDocument: { Version: '2012-10-17', Statement: [statement] } }],
        },
      },
    },
  })
const parts = partsOf('clerk', fileOf(clerk()))
const recognise = createRecogniser(parts)

type TestCall = { action?: string; resource?: string; region?: string; statement?: object; wanted?: 'allowed' }

/** The record of calls that a role with the statement makes. */
function recorded(calls: readonly TestCall[]): CallRecord {
  const stop = startRecorder('test/tools/iam/mutants.test.ts', () => 'reads the orders')
  for (const {
    action = 'dynamodb:Query',
    resource = 'arn:aws:dynamodb:us-east-1:123456789012:table/orders',
    region = 'us-east-1',
    statement = clerk(),
    wanted,
  } of calls) {
    const request: AccessRequest = {
      principal: {
        kind: 'session',
        arn: 'arn:aws:sts::123456789012:assumed-role/clerk/one',
        roleArn: 'arn:aws:iam::123456789012:role/clerk',
        account: '123456789012',
        userId: 'AROA1:one',
      },
      action,
      resource,
      resourceAccount: '123456789012',
      context: { 'aws:RequestedRegion': region, 'aws:CurrentTime': new Date(calls.length).toISOString() },
    }
    const document = parsePolicy({ Version: '2012-10-17', Statement: [statement] }, 'identity')
    const policies = { identity: [{ name: 'clerk', document }] }
    judgedCalls.publish({
      request,
      policies,
      decision: evaluate(request, policies),
      milliseconds: 0,
      ...(wanted && { wanted }),
    })
  }
  return stop()
}

const survivors = (record: CallRecord) => {
  const calls = callsByPart([record], recognise).get('clerk clerk') ?? []
  return parts
    .flatMap(mutantsOf)
    .filter((mutant) => !detectionOf(mutant, calls, recognise))
    .map(({ name }) => name.replace('clerk / ReadOrders: ', ''))
}

const everyKind: TestCall[] = [
  {},
  { action: 'dynamodb:GetItem' },
  { region: 'eu-west-1' },
  { action: 'dynamodb:Scan' },
  { resource: 'arn:aws:dynamodb:us-east-1:123456789012:table/people' },
  { region: 'us-west-2' },
]

describe('a mutant', () => {
  test('mutants remove and widen each action, resource and condition value', () => {
    expect(parts.flatMap(mutantsOf).map(({ name }) => name.replace('clerk / ReadOrders: ', ''))).toEqual([
      'without action dynamodb:Query',
      'action dynamodb:Query widened to *',
      'without action dynamodb:GetItem',
      'action dynamodb:GetItem widened to *',
      'without resource arn:aws:dynamodb:us-east-1:123456789012:table/orders',
      'resource arn:aws:dynamodb:us-east-1:123456789012:table/orders widened to *',
      'without condition StringEquals aws:RequestedRegion',
      'without us-east-1 in StringEquals aws:RequestedRegion',
      'without eu-west-1 in StringEquals aws:RequestedRegion',
      'StringEquals aws:RequestedRegion us-east-1 widened to *',
      'StringEquals aws:RequestedRegion eu-west-1 widened to *',
    ])
  })

  test('every mutant is detected by an allowed call of each kind and a denied call beside each', () => {
    expect(survivors(recorded(everyKind))).toEqual([])
  })

  test('a mutant survives if no call was denied or a grant was not used', () => {
    const weak = survivors(recorded(everyKind.slice(0, 1)))
    expect(weak).toContain('without action dynamodb:GetItem')
    expect(weak).toContain('action dynamodb:Query widened to *')
    expect(weak).toContain('without condition StringEquals aws:RequestedRegion')
    expect(weak).not.toContain('without action dynamodb:Query')
  })
})

describe('role coverage', () => {
  test('role coverage counts the calls that each grant allowed', () => {
    const [role] = coverageOf(parts, [recorded([{}, {}, {}])])
    expect(role?.grants.map(({ action, calls }) => [action, calls])).toEqual([
      ['dynamodb:Query', 3],
      ['dynamodb:GetItem', 0],
    ])
  })

  test('role coverage counts the calls that a condition alone denied', () => {
    const decided = (calls: TestCall[]) => coverageOf(parts, [recorded(calls)])[0]?.guards.map((guard) => guard.decided)
    expect(decided([{ region: 'us-west-2' }])).toEqual([1])
    expect(decided([{ region: 'us-west-2', action: 'dynamodb:Scan' }])).toEqual([0])
  })

  test('role coverage ignores a role whose policies differ from the role file', () => {
    const loosened = clerk({ Condition: {} })
    const [role] = coverageOf(parts, [recorded([{ statement: loosened }])])
    expect(role?.grants.map(({ calls }) => calls)).toEqual([0, 0])
  })

  test('role coverage reports an unexpected denial, and an entry for a denial that did not occur', () => {
    const roles = coverageOf(parts, [recorded([{ region: 'us-west-2' }])])
    expect(unexpectedRefusals(roles, []).map(({ role, refusal }) => [role, refusal.action])).toEqual([
      ['clerk', 'dynamodb:Query'],
    ])
    const entry = {
      role: 'clerk',
      actions: ['dynamodb:Query'],
      by: 'identity',
      in: ['test/tools/iam/mutants.test.ts'],
      why: 'the clerk tries another region',
    }
    expect(unexpectedRefusals(roles, [entry])).toEqual([])
    expect(needlessEntries(roles, [entry], entry.in)).toEqual([])
    const quiet = coverageOf(parts, [recorded([{}])])
    expect(needlessEntries(quiet, [entry], entry.in)).toEqual([
      'clerk dynamodb:Query by identity in test/tools/iam/mutants.test.ts',
    ])
  })
})

describe('grants without a test', () => {
  const problemsAfter = (calls: TestCall[], explained: Parameters<typeof unexercisedGrants>[1] = []) =>
    unexercisedGrants(coverageOf(parts, [recorded(calls)]), explained)
  const entry = {
    role: 'clerk',
    statement: 'ReadOrders',
    actions: ['dynamodb:GetItem'],
    why: 'a program elsewhere uses it',
  }
  const onlyGetItemSimulated: TestCall[] = [{}, { action: 'dynamodb:GetItem', wanted: 'allowed' }]

  test('a grant that no call exercises is reported with its file', () => {
    expect(problemsAfter([{}])).toEqual([
      expect.stringMatching(
        /^iam\/clerk\.yml: no test exercises ReadOrders: dynamodb:GetItem on .*orders\. Add a test/,
      ),
    ])
  })

  test('a grant that only simulations exercise is reported with its file and the remedy', () => {
    expect(problemsAfter(onlyGetItemSimulated)).toEqual([
      expect.stringMatching(
        /^iam\/clerk\.yml: only simulations exercise ReadOrders: dynamodb:GetItem on .* explain it in test\/iam\/simulated-grants\.yml\.$/,
      ),
    ])
    expect(problemsAfter([...onlyGetItemSimulated, { action: 'dynamodb:GetItem' }])).toEqual([])
  })

  test('an explained grant is accepted, and an explanation that no grant needs is reported', () => {
    expect(problemsAfter(onlyGetItemSimulated, [entry])).toEqual([])
    expect(problemsAfter([{}, { action: 'dynamodb:GetItem' }], [entry])).toEqual([
      'test/iam/simulated-grants.yml: no grant needs the entry for clerk / ReadOrders / dynamodb:GetItem. Remove it.',
    ])
    expect(problemsAfter(onlyGetItemSimulated, [{ ...entry, role: 'porter' }])).toHaveLength(2)
  })
})

test('the recorder keeps calls that no policy can distinguish once, with their number', () => {
  const { calls } = recorded([{}, {}, { action: 'dynamodb:Scan' }])
  expect(calls.map(({ verdict, times }) => [verdict, times])).toEqual([
    ['allowed', 2],
    ['denied', 1],
  ])
})
