/** Every payload, and every dead letter of it, is split into the records that readEvent reads. */
import { describe, expect, test } from 'vitest'
import { readEvent } from '../../src/intake/read-event.ts'
import { recordsOf } from '../../src/intake/records-of.ts'
import { bounceEvent, complaintEvent, eventBridge, snsEnvelope, snsRecord, sqsRecord } from './payloads.ts'

const bounce = snsRecord(bounceEvent)
const complaint = snsRecord(complaintEvent)
const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64')
const kinesis = (event: unknown) => ({
  eventSource: 'aws:kinesis',
  kinesis: { kinesisSchemaVersion: '1.0', data: base64(event) },
})
const firehose = { invocationId: '1', deliveryStreamArn: 'arn:aws:firehose:us-east-1:111122223333:deliverystream/ses' }
const lambdaEvent = { Records: [bounce, complaint] }
const destination = { version: '1.0', requestContext: {}, requestPayload: lambdaEvent, responsePayload: null }

describe('recordsOf', () => {
  test.each([
    ['the event of a Lambda', lambdaEvent],
    ['the same as JSON', JSON.stringify(lambdaEvent)],
    ['the event of a Lambda that reads Kinesis', { Records: [kinesis(bounceEvent), kinesis(complaintEvent)] }],
    [
      'the event of a Lambda that transforms for Firehose',
      {
        ...firehose,
        records: [bounceEvent, complaintEvent].map((event, i) => ({ recordId: String(i), data: base64(event) })),
      },
    ],
    ['a list of events', [bounceEvent, complaintEvent]],
    ['a list of payloads', [{ Records: [bounce] }, { Records: [complaint] }]],
    ["an answer of SQS's", { Messages: [sqsRecord(bounceEvent), sqsRecord(snsEnvelope(complaintEvent))] }],
    ['an on-failure destination', destination],
    ['an on-failure destination in an SQS record', { Records: [sqsRecord(destination)] }],
    ["an on-failure destination in a message of the SDK's", { Body: JSON.stringify(destination) }],
    ['an on-failure destination that is a topic', { Records: [snsRecord(destination)] }],
    [
      'an on-failure destination that is an event bus',
      { 'detail-type': 'Result', source: 'lambda', detail: destination },
    ],
    ['an on-failure destination that is a topic with a queue', { Records: [sqsRecord(snsEnvelope(destination))] }],
    ['a dead-letter queue of a Lambda', { Records: [sqsRecord(lambdaEvent)] }],
    ['a dead letter of a dead letter', { Records: [sqsRecord({ Records: [sqsRecord(destination)] })] }],
  ])('recordsOf splits %s', (_, payload) => {
    expect(recordsOf(payload).map((record) => readEvent(record).type)).toEqual(['Bounce', 'Complaint'])
  })

  test('recordsOf returns a single record unchanged', () => {
    for (const record of [
      bounce,
      bounceEvent,
      sqsRecord(snsEnvelope(bounceEvent)),
      eventBridge(bounceEvent),
      'text',
      5,
    ]) {
      expect(recordsOf(record)).toEqual([record])
      expect(recordsOf(record)[0]).toBe(record)
    }
  })

  test('recordsOf does not split an event whose text mentions records', () => {
    const record = sqsRecord({ ...bounceEvent, note: '"Records" and "requestPayload"' })
    expect(recordsOf({ Records: [record] })).toEqual([record])
  })

  test('recordsOf returns nothing for an empty batch', () => {
    expect(recordsOf({ Records: [] })).toEqual([])
    expect(recordsOf([])).toEqual([])
  })

  test('recordsOf stops at a depth', () => {
    let nested: unknown = bounceEvent
    for (let depth = 0; depth < 50_000; depth += 1) nested = [nested]
    expect(recordsOf(nested)).toHaveLength(1)
    expect(recordsOf(`${'{"Records":['.repeat(50_000)}${']}'.repeat(50_000)}`)).toHaveLength(1)
  })
})
