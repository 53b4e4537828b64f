/**
 * Any payload → the single records in it: the event of a Lambda, an answer of SQS's ReceiveMessage, a list, and each kind of
 * dead letter:
 *
 * - Lambda on-failure destination: `{ requestContext, requestPayload, … }` around the event that failed;
 * - Lambda dead-letter queue: the event that failed is the body;
 * - SNS redrive: the SNS envelope is the body, which is an ordinary SQS record.
 *
 * What it cannot take apart it returns as it is; whether that is an event, `readEvent` says. It believes a dead letter to
 * be one, so only hand it payloads from where nobody else can write.
 */
import { isObject, type JsonObject } from './open-envelope.ts'

/** A dead letter of a dead letter of a dead letter is still read; a bottomless one is not. */
const mostLayers = 12

/** The quotes are escaped once more in each envelope. */
const mayBeBatch = /(?:Records|requestPayload)\\*"/

export function recordsOf(payload: unknown): unknown[] {
  const records: unknown[] = []
  collect(payload, 0, records)
  return records
}

function collect(payload: unknown, layer: number, records: unknown[]): void {
  const inner = layer < mostLayers ? unpack(payload) : undefined
  if (inner === undefined) records.push(payload)
  else for (const item of inner) collect(item, layer + 1, records)
}

/** One layer less, or undefined if the payload is a single record. */
function unpack(payload: unknown): readonly unknown[] | undefined {
  if (Array.isArray(payload)) return payload
  if (typeof payload === 'string') return unpackText(payload)
  if (!isObject(payload)) return undefined
  if (Array.isArray(payload.Records)) return payload.Records
  if (Array.isArray(payload.Messages)) return payload.Messages
  if (isObject(payload.requestPayload)) return [payload.requestPayload]
  return unpackText(carried(payload))
}

/** Where an envelope keeps its message. */
function carried(envelope: JsonObject): unknown {
  if (isObject(envelope.Sns)) return envelope.Sns.Message
  return envelope.Message ?? envelope.body ?? envelope.Body ?? envelope.detail
}

/** Only what may be a dead letter is parsed here: a good event's text is parsed once, by `readEvent`. */
function unpackText(text: unknown): readonly unknown[] | undefined {
  if (isObject(text)) return isBatch(text) ? [text] : undefined
  if (typeof text !== 'string' || !mayBeBatch.test(text)) return undefined
  try {
    const parsed: unknown = JSON.parse(text)
    if (Array.isArray(parsed) || isBatch(parsed)) return [parsed]
    return isObject(parsed) ? unpackText(carried(parsed)) : undefined
  } catch {
    // Broken JSON stays one record: readEvent names the field and the fix.
    return undefined
  }
}

function isBatch(value: unknown): boolean {
  return isObject(value) && (Array.isArray(value.Records) || isObject(value.requestPayload))
}
