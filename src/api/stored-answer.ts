/** The stored form of an answer to a request with an idempotency key: compressed JSON. Pure. */
import { gunzipSync, gzipSync } from 'node:zlib'
import * as v from 'valibot'
import type { HttpAnswer } from './problem.ts'

const StoredAnswer = v.object({ statusCode: v.number(), headers: v.record(v.string(), v.string()), body: v.string() })

export const encodeAnswer = (answer: HttpAnswer): Uint8Array => gzipSync(JSON.stringify(answer))

/** @throws Error if it is no stored answer */
export const decodeAnswer = (stored: Uint8Array): HttpAnswer =>
  v.parse(StoredAnswer, JSON.parse(gunzipSync(stored).toString()))
