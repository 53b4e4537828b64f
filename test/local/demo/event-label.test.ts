import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { labelOf, outcomeOf, sampleLabelOf } from '../../../local/demo/event-label.ts'

const sample = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../../events/${name}`, import.meta.url), 'utf8'))
const attempt = { functionName: 'f', requestId: 'r', number: 1, event: {}, coldStart: false }

test.each<[string, unknown, { event: string; addresses: string }]>([
  [
    'an SES event',
    sample('bounce-permanent-general.json'),
    { event: 'Bounce Permanent/General', addresses: expect.any(String) },
  ],
  ['table changes', { Records: [{ eventSource: 'aws:dynamodb' }, {}] }, { event: '2 table changes', addresses: '' }],
  [
    'an event of EventBridge',
    { 'detail-type': 'AWS API Call via CloudTrail' },
    { event: 'AWS API Call via CloudTrail', addresses: '' },
  ],
  ['a request of an operator', { do: 'prove', project: 'acme' }, { event: 'prove', addresses: '' }],
  ['messages of a queue', { Records: [{ body: '{}' }] }, { event: '1 message', addresses: '' }],
  ['nothing', undefined, { event: 'call', addresses: '' }],
])('%s is labelled for what it is', (_, event, label) => {
  expect(labelOf(event)).toEqual(label)
})

test('every sample has a label, and one that is no SES event says so', () => {
  const folder = new URL('../../../events/', import.meta.url)
  const labels = readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .map((file) => sampleLabelOf(sample(file)).event)
  expect(labels).toContain('no SES event')
  expect(labels).toContain('Bounce Permanent/General')
  expect(labels.filter((label) => label === '')).toEqual([])
})

test('the outcome of an invocation is that of its records, or its failure', () => {
  const outcomes = [{ outcome: 'recorded' }, { outcome: 'ignored' }]
  expect(outcomeOf({ ...attempt, finished: { payload: { outcomes } } })).toBe('recorded, ignored')
  expect(outcomeOf({ ...attempt, finished: { payload: null } })).toBe('done')
  const failure = { errorType: 'Error', errorMessage: 'no such table', stackTrace: [] }
  expect(outcomeOf({ ...attempt, finished: { failure } })).toBe('failed: no such table')
})
