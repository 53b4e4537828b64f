import { describe, expect, test } from 'vitest'
import { judgedCalls } from '../../../local/judged-call.ts'
import { parsePolicy } from '../../../src/policy/document.ts'
import { type AccessRequest, evaluate } from '../../../src/policy/evaluate.ts'
import type { CallRecord } from '../../../tools/iam/coverage/call-record.ts'
import { coverageOf } from '../../../tools/iam/coverage/coverage.ts'
import { createRecogniser } from '../../../tools/iam/coverage/recognise.ts'
import { startRecorder } from '../../../tools/iam/coverage/recorder.ts'
import { needlessEntries, unexpectedRefusals } from '../../../tools/iam/coverage/refusals.ts'
import { detectionOf, witnesses } from '../../../tools/iam/mutation/detect.ts'
import { mutantsOf } from '../../../tools/iam/mutation/mutants.ts'
import { partsOf } from '../../../tools/iam/role-parts.ts'

/** A role file as YAML, which JSON is. */
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

type Asked = { action?: string; resource?: string; region?: string; statement?: object }

/** What the recorder keeps of calls that a role with the statement makes. */
function recorded(calls: readonly Asked[]): CallRecord {
  const stop = startRecorder('test/tools/iam/mutants.test.ts', () => 'reads the orders')
  for (const {
    action = 'dynamodb:Query',
    resource = 'arn:aws:dynamodb:us-east-1:123456789012:table/orders',
    region = 'us-east-1',
    statement = clerk(),
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
    judgedCalls.publish({ request, policies, decision: evaluate(request, policies), milliseconds: 0 })
  }
  return stop()
}

const survivors = (record: CallRecord) => {
  const tried = witnesses([record], recognise).get('clerk clerk') ?? []
  return parts
    .flatMap(mutantsOf)
    .filter((mutant) => !detectionOf(mutant, tried, recognise))
    .map(({ name }) => name.replace('clerk / ReadOrders: ', ''))
}

const everyWay: Asked[] = [
  {},
  { action: 'dynamodb:GetItem' },
  { region: 'eu-west-1' },
  { action: 'dynamodb:Scan' },
  { resource: 'arn:aws:dynamodb:us-east-1:123456789012:table/people' },
  { region: 'us-west-2' },
]

describe('a mutant', () => {
  test('is made for each action, resource and condition value taken away, and for each widened', () => {
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

  test('is found out when a call of each kind was made and one beside it refused', () => {
    expect(survivors(recorded(everyWay))).toEqual([])
  })

  test('survives where nothing was refused, or a grant was not used', () => {
    const bold = survivors(recorded(everyWay.slice(0, 1)))
    expect(bold).toContain('without action dynamodb:GetItem')
    expect(bold).toContain('action dynamodb:Query widened to *')
    expect(bold).toContain('without condition StringEquals aws:RequestedRegion')
    expect(bold).not.toContain('without action dynamodb:Query')
  })
})

describe('role coverage', () => {
  test('counts each grant that a call was let through by, and names those that none was', () => {
    const [role] = coverageOf(parts, [recorded([{}, {}, {}])])
    expect(role?.grants.map(({ action, calls }) => [action, calls])).toEqual([
      ['dynamodb:Query', 3],
      ['dynamodb:GetItem', 0],
    ])
  })

  test('says of a condition whether it refused what would pass without it', () => {
    const decided = (calls: Asked[]) => coverageOf(parts, [recorded(calls)])[0]?.guards.map((guard) => guard.decided)
    expect(decided([{ region: 'us-west-2' }])).toEqual([1])
    expect(decided([{ region: 'us-west-2', action: 'dynamodb:Scan' }])).toEqual([0])
  })

  test('takes no role for that of a role file whose policies are other ones', () => {
    const loosened = clerk({ Condition: {} })
    const [role] = coverageOf(parts, [recorded([{ statement: loosened }])])
    expect(role?.grants.map(({ calls }) => calls)).toEqual([0, 0])
  })

  test('reports a refusal that no test wants, and an entry for a refusal that did not happen', () => {
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
    const calm = coverageOf(parts, [recorded([{}])])
    expect(needlessEntries(calm, [entry], entry.in)).toEqual([
      'clerk dynamodb:Query by identity in test/tools/iam/mutants.test.ts',
    ])
  })
})

test('calls that no policy could tell apart are kept once, with their number', () => {
  const { calls } = recorded([{}, {}, { action: 'dynamodb:Scan' }])
  expect(calls.map(({ verdict, times }) => [verdict, times])).toEqual([
    ['allowed', 2],
    ['denied', 1],
  ])
})
