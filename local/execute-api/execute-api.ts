/**
 * API Gateway: one HTTP API with the routes of serverless.yml. IAM authorises each request by its method and path before any code runs.
 *
 * The service passes a request to its function in payload format 2.0, as API Gateway may invoke it by the function's policy.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
import * as v from 'valibot'
import { localApiId } from '../../src/template/template.ts'
import { type AuthenticatedCaller, AwsError, type Platform, type Service, type ServiceCall } from '../service.ts'
import type { WireRequest, WireResponse } from '../wire/request.ts'
import { type MatchedRoute, matchRoute, type Route } from './route.ts'
import { createThrottle, type ThrottleLimits } from './throttle.ts'

const stage = '$default'
const maximumBodyBytes = 10 * 1024 * 1024

/** API Gateway's own limits of an account and region. */
const accountLimits: ThrottleLimits = { ratePerSecond: 10_000, burst: 5_000 }

/** Authorises and runs a call of this service. */
type Serve = (operation: string, input: Readonly<Record<string, unknown>>) => Promise<object>

export type ExecuteApi = Service & {
  readonly routes: readonly Route[]
  addRoute(route: Route): void
  limit(limits: ThrottleLimits): void
  /**
   * Answers a signed request.
   *
   * @param serve passes the call through the gate to `operations`
   * @throws AwsError that `writeApiError` writes
   */
  answer(request: WireRequest, serve: Serve): Promise<WireResponse>
}

export function createExecuteApi(platform: Platform): ExecuteApi {
  const routes: Route[] = []
  const ids = platform.createIds('execute-api')
  let admit = createThrottle(platform.clock, accountLimits)

  return {
    routes,
    addRoute: (route) => void routes.push(route),
    limit: (limits) => {
      admit = createThrottle(platform.clock, limits)
    },
    async answer(request, serve) {
      const { method, path } = request
      const matched = matchRoute(routes, method, path)
      if (!matched) throw new AwsError('NotFound', 'Not Found', 404)
      if (request.body.length > maximumBodyBytes) throw new AwsError('TooLarge', 'Request Entity Too Large', 413)
      if (!admit()) throw new AwsError('TooManyRequests', 'Too Many Requests', 429)
      const input = { ApiId: localApiId, Stage: stage, Method: method, Path: path, request, matched }
      return v.parse(Answer, await serve('Invoke', input))
    },
    operations: {
      async Invoke(call) {
        const { request, matched } = v.parse(Invocation, call.input)
        const requestId = ids.uuid()
        const event = eventOf(request, matched, call, requestId)
        const sourceArn = `arn:aws:execute-api:${call.region}:${platform.account}:${localApiId}/${stage}/${request.method}${request.path}`
        const result = await platform.callAsService('apigateway.amazonaws.com', { sourceArn }, 'lambda', 'Invoke', {
          FunctionName: matched.route.functionName,
          Payload: new Uint8Array(Buffer.from(JSON.stringify(event))),
        })
        return answerOf(result, requestId)
      },
    },
  }
}

const Answer = v.object({
  status: v.number(),
  headers: v.record(v.string(), v.string()),
  body: v.instance(Uint8Array),
})
const Invocation = v.object({
  request: v.custom<WireRequest>((value) => typeof value === 'object' && value !== null && 'method' in value),
  matched: v.custom<MatchedRoute>((value) => typeof value === 'object' && value !== null && 'route' in value),
})
const InvokeAnswer = v.object({ Payload: v.instance(Uint8Array), FunctionError: v.optional(v.string()) })
const FunctionAnswer = v.object({
  statusCode: v.number(),
  headers: v.optional(v.record(v.string(), v.string()), {}),
  body: v.optional(v.string(), ''),
  isBase64Encoded: v.optional(v.boolean(), false),
})

function eventOf(request: WireRequest, { route, parameters }: MatchedRoute, call: ServiceCall, requestId: string) {
  const { method, path, headers, query, body } = request
  const routeKey = `${route.method} ${route.path}`
  const values = Object.entries(query).map(([name, value]) => [name, [value].flat().join(',')] as const)
  const isText = /^(application\/(.*\+)?json|text\/)/.test(headers['content-type'] ?? '')
  return {
    version: '2.0',
    routeKey,
    rawPath: path,
    rawQueryString: values.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join('&'),
    headers,
    ...(values.length > 0 && { queryStringParameters: Object.fromEntries(values) }),
    requestContext: {
      accountId: call.account,
      apiId: localApiId,
      authorizer: { iam: callerOf(call.caller) },
      domainName: headers.host ?? '',
      domainPrefix: localApiId,
      http: { method, path, protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: headers['user-agent'] ?? '' },
      requestId,
      routeKey,
      stage,
      time: call.at.toUTCString(),
      timeEpoch: call.at.getTime(),
    },
    pathParameters: parameters,
    ...(body.length > 0 && { body: Buffer.from(body).toString(isText ? 'utf8' : 'base64') }),
    isBase64Encoded: body.length > 0 && !isText,
  }
}

function callerOf({ principal, account, accessKeyId }: AuthenticatedCaller) {
  const userId = principal.kind === 'session' ? principal.userId : account
  return {
    accessKey: accessKeyId,
    accountId: account,
    callerId: userId,
    cognitoIdentity: null,
    principalOrgId: null,
    userArn: 'arn' in principal ? principal.arn : '',
    userId,
  }
}

/** A function that failed, or that answered with something else, gives the caller 500 without a reason. */
function answerOf(result: object, requestId: string): WireResponse {
  const { Payload: payload, FunctionError: failed } = v.parse(InvokeAnswer, result)
  const read =
    failed === undefined ? v.safeParse(FunctionAnswer, JSON.parse(Buffer.from(payload).toString())) : undefined
  if (!read?.success) throw new AwsError('InternalServerError', 'Internal Server Error', 500)
  const { statusCode: status, headers, body, isBase64Encoded } = read.output
  return {
    status,
    headers: { 'content-type': 'application/json', ...headers, 'apigw-requestid': requestId },
    body: Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8'),
  }
}

/** The errors of API Gateway itself. A denial has no reason. */
export function writeApiError(error: AwsError): WireResponse {
  const message = error.status === 403 ? 'Forbidden' : error.status === 500 ? 'Internal Server Error' : error.message
  return {
    status: error.status,
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(JSON.stringify({ message })),
  }
}
