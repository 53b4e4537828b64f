/** docs/openapi.json: the routes of the HTTP API as OpenAPI 3.1, from the schemas that validate their requests. */
import { toJsonSchema } from '@valibot/to-json-schema'
import * as v from 'valibot'
import { problemKinds, problemTypeOf } from '../../src/api/problem.ts'
import { hasBody, type Route } from '../../src/api/route.ts'
import { allRoutes } from '../../src/api/routes.ts'

export const openApiText = (): string => `${JSON.stringify(openApiOf(allRoutes), undefined, 2)}\n`

export function openApiOf(routes: readonly Route[]): object {
  const paths: Record<string, Record<string, object>> = {}
  for (const route of routes)
    paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: operationOf(route) }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Sesame',
      version: '1',
      description:
        'Sends mail to the recipients of a project that may be mailed, reads and changes its suppression list, and manages its templates and identities. IAM authorises each request: sign it by Signature Version 4 for the service execute-api.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [
      {
        url: 'https://{api}.execute-api.{region}.amazonaws.com',
        description: 'The output HttpApiUrl of the stack',
        variables: { api: { default: 'api' }, region: { default: 'us-east-1' } },
      },
    ],
    security: [{ signatureVersion4: [] }],
    paths,
    components: {
      securitySchemes: {
        signatureVersion4: {
          type: 'apiKey',
          in: 'header',
          name: 'Authorization',
          description: 'Signature Version 4 for the service execute-api',
          'x-amazon-apigateway-authtype': 'awsSigv4',
        },
      },
      schemas: { Problem: problemSchema },
    },
  }
}

function operationOf(route: Route): object {
  const { operationId, summary, description, input, answer } = route
  return {
    operationId,
    summary,
    description,
    parameters: [
      {
        name: 'project',
        in: 'path',
        required: true,
        description: 'The name of the project. IAM compares it with the permissions of the caller.',
        schema: { type: 'string', pattern: '^[a-z][a-z0-9-]{0,30}[a-z0-9]$' },
      },
      ...Object.entries(route.parameters ?? {}).map(([name, schema]) => ({
        name,
        in: 'path',
        required: true,
        schema: schemaOf(schema),
      })),
      ...(hasBody(route) ? [] : queryParametersOf(input)),
      ...(route.idempotencyKey === 'ignored' ? [] : [idempotencyKeyOf(route)]),
    ],
    ...(hasBody(route) && {
      requestBody: { required: true, content: { 'application/json': { schema: schemaOf(input) } } },
    }),
    responses: {
      200: { description: 'The answer', content: { 'application/json': { schema: schemaOf(answer) } } },
      default: {
        description: 'A problem',
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    },
  }
}

const idempotencyKeyOf = ({ idempotencyKey }: Route) => ({
  name: 'Idempotency-Key',
  in: 'header',
  required: idempotencyKey !== 'accepted',
  description:
    'A request with the same key and body is done once within 24 hours. The answer is repeated with the header Idempotent-Replayed.',
  schema: { type: 'string', minLength: 1, maxLength: 255 },
})

const QuerySchema = v.object({
  properties: v.optional(v.record(v.string(), v.looseObject({ description: v.optional(v.string()) })), {}),
  required: v.optional(v.array(v.string()), []),
})

function queryParametersOf(input: v.GenericSchema): object[] {
  const { properties, required } = v.parse(QuerySchema, schemaOf(input))
  return Object.entries(properties).map(([name, { description, ...schema }]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    ...(description !== undefined && { description }),
    schema,
  }))
}

/** OpenAPI 3.1 has the dialect of JSON Schema 2020-12. */
export function schemaOf(schema: v.GenericSchema): object {
  const { $schema: _, ...rest } = toJsonSchema(schema, {
    target: 'draft-2020-12',
    typeMode: 'input',
    errorMode: 'throw',
  })
  return rest
}

const problemSchema = {
  type: 'object',
  required: ['type', 'title', 'status', 'detail', 'remedy', 'instance'],
  properties: {
    type: { type: 'string', enum: Object.keys(problemKinds).map((type) => `${problemTypePrefix()}${type}`) },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string', description: 'What happened' },
    remedy: { type: 'string', description: 'What to do next' },
    instance: { type: 'string', description: 'The id of the request in the log' },
    errors: {
      type: 'array',
      description: 'The fields that are wrong',
      items: {
        type: 'object',
        required: ['pointer', 'detail'],
        properties: { pointer: { type: 'string', description: 'JSON Pointer' }, detail: { type: 'string' } },
      },
    },
    retryAfter: { type: 'integer', description: 'Seconds, as in the header Retry-After' },
  },
}

function problemTypePrefix(): string {
  return problemTypeOf('throttled').replace(/throttled$/, '')
}
