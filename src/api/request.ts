/**
 * Reads a request as API Gateway passes it to a function, in payload format 2.0.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
import * as v from 'valibot'
import { ProjectId } from '../projects/project.ts'
import { Problem } from './problem.ts'
import { type Caller, hasBody, type Route } from './route.ts'

const Event = v.object({
  version: v.literal('2.0'),
  routeKey: v.string(),
  headers: v.record(v.string(), v.string()),
  pathParameters: v.optional(v.record(v.string(), v.string()), {}),
  queryStringParameters: v.optional(v.record(v.string(), v.string()), {}),
  requestContext: v.object({
    requestId: v.string(),
    /** Present only if IAM has authorised the request. */
    authorizer: v.object({ iam: v.object({ userArn: v.string(), accountId: v.string() }) }),
  }),
  body: v.optional(v.string()),
  isBase64Encoded: v.optional(v.boolean(), false),
})

export type ApiRequest = v.InferOutput<typeof Event>

/** @throws ValiError if it is not a request that IAM has authorised */
export const readRequest = (event: unknown): ApiRequest => v.parse(Event, event)

/** The project in the path, which IAM has compared with the caller's permissions. @throws Problem */
export function projectOf({ pathParameters }: ApiRequest): string {
  const { success, output } = v.safeParse(ProjectId, pathParameters.project)
  if (success) return output
  throw new Problem('no-such-project', { detail: 'The path does not contain the name of a project.' })
}

/** The values in the path beside the project. @throws Problem */
export function parametersOf({ pathParameters }: ApiRequest, { parameters = {} }: Route): Record<string, string> {
  return Object.fromEntries(
    Object.entries(parameters).map(([name, schema]) => {
      const { success, output, issues } = v.safeParse(schema, pathParameters[name])
      if (success) return [name, output]
      const detail = issues[0].message
      throw new Problem('invalid-request', {
        detail: `{${name}} in the path ${detail}.`,
        errors: [{ pointer: `/${name}`, detail }],
      })
    }),
  )
}

/** `arn:aws:sts::123456789012:assumed-role/ROLE/SESSION` → `ROLE`; the name of a user; `root`. */
export function callerOf({ requestContext }: ApiRequest): Caller {
  const { userArn, accountId: account } = requestContext.authorizer.iam
  const [, role, user] = /:(?:assumed-role\/([\w+=,.@-]+)\/|user\/(?:.*\/)?([\w+=,.@-]+)$)/.exec(userArn) ?? []
  return { name: role ?? user ?? 'root', account }
}

/** The values that the schema of the route parses. @throws Problem */
export function inputOf(request: ApiRequest, route: Route): unknown {
  return hasBody(route) ? jsonOf(request, route) : request.queryStringParameters
}

function jsonOf({ headers, body = '', isBase64Encoded }: ApiRequest, { maxBytes }: Route): unknown {
  const text = isBase64Encoded ? Buffer.from(body, 'base64').toString() : body
  const bytes = Buffer.byteLength(text)
  if (bytes > maxBytes)
    throw new Problem('body-too-large', { detail: `It has ${bytes} bytes, and ${maxBytes} are allowed.` })
  if (!/^application\/json\s*(;|$)/i.test(headers['content-type'] ?? ''))
    throw new Problem('unsupported-media-type', { detail: 'The header Content-Type must be application/json.' })
  try {
    return JSON.parse(text)
  } catch {
    throw new Problem('not-json', { detail: 'The body cannot be read as JSON.' })
  }
}
