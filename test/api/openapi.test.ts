import { readFileSync } from 'node:fs'
import { Validator } from '@seriousme/openapi-schema-validator'
import * as v from 'valibot'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { routeKeyOf } from '../../src/api/route.ts'
import { allRoutes } from '../../src/api/routes.ts'
import { openApiOf } from '../../tools/pages/openapi.ts'

const Serverless = v.object({
  functions: v.record(
    v.string(),
    v.object({
      events: v.optional(
        v.array(
          v.looseObject({
            httpApi: v.optional(v.object({ method: v.string(), path: v.string(), authorizer: v.unknown() })),
          }),
        ),
        [],
      ),
    }),
  ),
})
const file = readFileSync(new URL('../../serverless.yml', import.meta.url), 'utf8')
const deployed = Object.values(v.parse(Serverless, parse(file)).functions).flatMap(({ events }) =>
  events.flatMap(({ httpApi }) => httpApi ?? []),
)

test('docs/openapi.json is valid OpenAPI 3.1', async () => {
  const document: unknown = JSON.parse(readFileSync(new URL('../../docs/openapi.json', import.meta.url), 'utf8'))
  expect(await new Validator().validate(Object(document))).toMatchObject({ valid: true })
})

test('the validator would notice a document that is not valid', async () => {
  const broken = { ...openApiOf(allRoutes), paths: { '/x': { get: { responses: { '200': {} } } } } }
  expect(await new Validator().validate(broken)).toMatchObject({ valid: false })
})

test('serverless.yml deploys exactly the routes of src/api, and IAM authorises each', () => {
  expect(deployed.map(({ method, path }) => `${method} ${path}`).sort()).toEqual(allRoutes.map(routeKeyOf).sort())
  for (const { authorizer } of deployed) expect(authorizer).toEqual({ type: 'aws_iam' })
})

test('every route is below the path of its project, and has a name of its own', () => {
  for (const { path } of allRoutes)
    expect(path).toMatch(/^\/projects\/\{project\}\/[a-z/-]+(\{(template|message)\}(\/[a-z]+)?)?$/)
  expect(new Set(allRoutes.map(({ operationId }) => operationId)).size).toBe(allRoutes.length)
})
