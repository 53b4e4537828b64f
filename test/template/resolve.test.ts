import { expect, test } from 'vitest'
import { resolve, UnresolvedError } from '../../src/template/resolve.ts'

const bindings = {
  parameters: { Stage: 'dev', 'AWS::AccountId': '123456789012', Colours: ['red', 'blue'] },
  resources: { Table: { Ref: 'sesame-dev', Arn: 'arn:aws:dynamodb:us-east-1:123456789012:table/sesame-dev' } },
  conditions: { IsDev: { 'Fn::Equals': [{ Ref: 'Stage' }, 'dev'] }, IsNotDev: { 'Fn::Not': [{ Condition: 'IsDev' }] } },
}
const resolved = (value: unknown) => resolve(value, bindings)

test.each([
  ['Ref of a parameter', { Ref: 'Stage' }, 'dev'],
  ['Ref of a resource', { Ref: 'Table' }, 'sesame-dev'],
  ['Fn::GetAtt as a list', { 'Fn::GetAtt': ['Table', 'Arn'] }, bindings.resources.Table.Arn],
  ['Fn::GetAtt as a string', { 'Fn::GetAtt': 'Table.Arn' }, bindings.resources.Table.Arn],
  [
    'Fn::Sub with parameters, attributes and literals',
    { 'Fn::Sub': '${Table.Arn}/${Stage}/${!aws:username}' },
    `${bindings.resources.Table.Arn}/dev/\${aws:username}`,
  ],
  ['Fn::Sub with its own variables', { 'Fn::Sub': ['${A}-${Stage}', { A: { Ref: 'Table' } }] }, 'sesame-dev-dev'],
  ['Fn::Join', { 'Fn::Join': [':', ['a', { Ref: 'AWS::AccountId' }]] }, 'a:123456789012'],
  ['Fn::Split and Fn::Select', { 'Fn::Select': [1, { 'Fn::Split': ['-', { Ref: 'Table' }] }] }, 'dev'],
  ['Fn::If', { 'Fn::If': ['IsDev', 1, 2] }, 1],
  ['Fn::If with a false condition', { 'Fn::If': ['IsNotDev', { Ref: 'Unknown' }, 2] }, 2],
  [
    'Fn::And and Fn::Or',
    { 'Fn::If': ['IsDev', { 'Fn::Or': [{ Condition: 'IsNotDev' }, { 'Fn::And': [{ Condition: 'IsDev' }] }] }, 0] },
    true,
  ],
  ['AWS::NoValue', { a: { Ref: 'AWS::NoValue' }, b: [1, { Ref: 'AWS::NoValue' }] }, { b: [1] }],
  [
    'the Condition of an IAM statement, which is not changed',
    { Condition: { StringEquals: { a: { Ref: 'Stage' } } } },
    { Condition: { StringEquals: { a: 'dev' } } },
  ],
  ['null, numbers and booleans', [null, 1, true], [null, 1, true]],
])('resolve supports %s', (_, value, expected) => {
  expect(resolved(value)).toEqual(expected)
})

test.each([
  ['Ref Unknown is neither a parameter nor a resource', { a: [{ Ref: 'Unknown' }] }],
  ['Fn::GetAtt Table.StreamArn is not known', { 'Fn::GetAtt': ['Table', 'StreamArn'] }],
  ['Fn::GetAtt constructor.name is not known', { 'Fn::GetAtt': ['constructor', 'name'] }],
  ['Ref aws:username is neither a parameter nor a resource', { 'Fn::Sub': '${aws:username}' }],
  ['Fn::ImportValue is not supported', { 'Fn::ImportValue': 'x' }],
  ['Fn::Select has no item 9', { 'Fn::Select': [9, ['a']] }],
  ['Condition Missing is not defined', { 'Fn::If': ['Missing', 1, 2] }],
  ['Fn::Join needs a string', { 'Fn::Join': ['', [{ Ref: 'Colours' }]] }],
])('a reference that cannot be resolved is an error that names it: %s', (message, value) => {
  expect(() => resolved(value)).toThrow(message)
  expect(() => resolved(value)).toThrow(UnresolvedError)
})
