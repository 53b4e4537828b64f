/**
 * Any payload → its single records. A payload is a Lambda event (of Firehose too), an answer of SQS's ReceiveMessage, a list, or a dead letter:
 *
 * - of a Lambda on-failure destination: `{ requestContext, requestPayload, … }` around the event that failed;
 * - of a Lambda dead-letter queue: the event that failed is the body;
 * - of an SNS redrive policy: the SNS envelope is the body, which is an ordinary SQS record.
 *
 * A payload that cannot be split is returned unchanged; `readEvent` checks whether it is an event. A payload that looks like a dead letter is
 * treated as one, so pass only payloads from sources that no one else can write to.
 */
import { isObject, type JsonObject } from './json-object.ts'

/** Enough for a dead letter of a dead letter of a dead letter. */
const maxLayers = 12

/** Each envelope escapes the quotes once more. */
const mayBeBatch = /(?:Records|requestPayload)\\*"/

export function recordsOf(payload: unknown): unknown[] {
  const records: unknown[] = []
  collect(payload, 0, records)
  return records
}

function collect(payload: unknown, layer: number, records: unknown[]): void {
  const inner = layer < maxLayers ? unpack(payload) : undefined
  if (inner === undefined) records.push(payload)
  else for (const item of inner) collect(item, layer + 1, records)
}

/** The payload without its outer layer; `undefined` if it is a single record. */
function unpack(payload: unknown): readonly unknown[] | undefined {
  if (Array.isArray(payload)) return payload
  if (typeof payload === 'string') return unpackText(payload)
  if (!isObject(payload)) return undefined
  if (Array.isArray(payload.Records)) return payload.Records
  if (Array.isArray(payload.Messages)) return payload.Messages
  if (Array.isArray(payload.records) && 'deliveryStreamArn' in payload) return payload.records
  if (isObject(payload.requestPayload)) return [payload.requestPayload]
  return unpackText(messageOfEnvelope(payload))
}

/** The message in an envelope. */
function messageOfEnvelope(envelope: JsonObject): unknown {
  if (isObject(envelope.Sns)) return envelope.Sns.Message
  return envelope.Message ?? envelope.body ?? envelope.Body ?? envelope.detail
}

/** Parses only texts that may be dead letters, so that the text of any other event is parsed once, by `readEvent`. */
function unpackText(text: unknown): readonly unknown[] | undefined {
  if (isObject(text)) return isBatch(text) ? [text] : undefined
  if (typeof text !== 'string' || !mayBeBatch.test(text)) return undefined
  try {
    const parsed: unknown = JSON.parse(text)
    if (Array.isArray(parsed) || isBatch(parsed)) return [parsed]
    return isObject(parsed) ? unpackText(messageOfEnvelope(parsed)) : undefined
  } catch {
    // Invalid JSON stays one record, for which readEvent names the field and the fix.
    return undefined
  }
}

function isBatch(value: unknown): boolean {
  return isObject(value) && (Array.isArray(value.Records) || isObject(value.requestPayload))
}
