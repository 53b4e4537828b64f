/**
 * Refuses a service that the embedded AWS does not serve, in the protocol in which the client asked, with the list of services that it does.
 *
 * Version 1 of SES is such a service: it has the signing name of version 2, but the query protocol.
 */
import { AwsError } from '../service.ts'
import { jsonBytes } from './json.ts'
import { writeQueryFailure } from './query.ts'
import type { WireRequest, WireResponse } from './request.ts'

const code = 'UnknownService'

/** What may stand in a credential scope. Anything else in it is a malformed signature. */
const signingName = /^[a-z][a-z0-9-]{0,62}$/

/** @param service the signing name of the credential scope, if the request has one */
export function unservedError(
  service: string | undefined,
  request: WireRequest,
  served: readonly string[],
): AwsError | undefined {
  if (service === undefined || !signingName.test(service)) return undefined
  const list = served.toSorted().join(', ')
  if (!served.includes(service))
    return new AwsError(code, `The embedded AWS does not serve ${service}. It serves: ${list}.`, 400)
  if (service === 'ses' && isForm(request))
    return new AwsError(
      code,
      `The embedded AWS serves version 2 of the SES API only (aws sesv2, SESv2Client), not version 1 (aws ses, SESClient). It serves: ${list}.`,
      400,
    )
  return undefined
}

/** Paths of services with REST and XML: Route 53, CloudFront, S3 Control. They begin with a date. */
const xmlPaths = /^\/(20\d\d-\d\d-\d\d|v20180820)\//

const isForm = ({ headers }: WireRequest) =>
  headers['content-type']?.startsWith('application/x-www-form-urlencoded') === true

export function writeUnserved({ message, status }: AwsError, request: WireRequest, requestId: string): WireResponse {
  if (isForm(request) || xmlPaths.test(request.path)) return writeQueryFailure('', code, message, status, requestId)
  if (request.headers['smithy-protocol'] === 'rpc-v2-cbor') {
    const headers = { 'content-type': 'application/cbor', 'smithy-protocol': 'rpc-v2-cbor' }
    return { status, headers, body: cborOf({ __type: code, message }) }
  }
  const headers = { 'content-type': 'application/json', 'x-amzn-errortype': code }
  return { status, headers, body: jsonBytes({ __type: code, message }) }
}

/** A map of texts. https://www.rfc-editor.org/rfc/rfc8949#section-3.1 */
function cborOf(texts: Readonly<Record<string, string>>): Uint8Array {
  const entries = Object.entries(texts).flat()
  return Buffer.concat([Buffer.from([0xa0 + entries.length / 2]), ...entries.map(cborText)])
}

function cborText(text: string): Buffer {
  const bytes = Buffer.from(text)
  const head = Buffer.from([0x79, bytes.length >> 8, bytes.length & 0xff])
  return Buffer.concat([head, bytes])
}
