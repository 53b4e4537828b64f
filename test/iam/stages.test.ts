/** No stage reaches resources of another stage in the same account, whatever their names: permissions name resources by prefix. */
import { execFile } from 'node:child_process'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import fc from 'fast-check'
import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import { matchesResource, piecesOf } from '../../src/policy/match.ts'
import { boundary, stackRoles, templateRoles } from './catalogue/roles.ts'
import { templates } from './role-files.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** The plugin of the framework as it is made for a stage. */
function refuseStage(stage: string): void {
  const plugin: unknown = createRequire(import.meta.url)('../../infra/stage-name.cjs')
  const serverless = { getProvider: () => ({ getStage: () => stage }), classes: { Error } }
  const made = Reflect.construct(v.parse(v.function(), plugin), [serverless])
  const { hooks } = v.parse(v.object({ hooks: v.record(v.string(), v.function()) }), made)
  for (const hook of Object.values(hooks)) hook()
}

describe('names of stages', () => {
  test.each(['dev', 'production', 'x', '1', 'a'.repeat(17)])('the stage %s may be deployed', (stage) => {
    expect(() => refuseStage(stage)).not.toThrow()
  })

  test.each(['prod-eu', 'Prod', 'prod_eu', '', 'a'.repeat(18), 'prod.eu', 'prod\n'])(
    'the stage %j is refused, with the names that are permitted',
    (stage) => {
      expect(() => refuseStage(stage)).toThrow('must be 1 to 17 of a-z and 0-9')
    },
  )

  test('serverless package refuses a stage with a hyphen before it packages anything', async () => {
    const args = ['package', '--stage', 'prod-eu', '--package', '.serverless/refused']
    const run = promisify(execFile)(`${root}node_modules/.bin/serverless`, args, {
      cwd: root,
      env: { ...process.env, SLS_TELEMETRY_DISABLED: '1' },
    })
    const failure: unknown = await run.catch((error: unknown) => error)
    const { stdout, stderr } = v.parse(v.object({ stdout: v.string(), stderr: v.string() }), failure)
    expect(stdout + stderr).toContain('The stage "prod-eu" must be')
    expect(stdout + stderr).not.toContain('Compiling')
  }, 30_000)

  test('every template accepts the same names of stages', () => {
    const patterns = templates.flatMap(({ template }) => {
      const stage = Object(template.Parameters).Stage
      return stage === undefined ? [] : [Object(stage).AllowedPattern]
    })
    expect(patterns.length).toBeGreaterThan(5)
    expect(new Set(patterns)).toEqual(new Set(['^[a-z0-9]{1,17}$']))
  })
})

describe('permissions of a stage', () => {
  const documents = [...stackRoles, ...templateRoles]
    .flatMap(({ identity }) => identity)
    .concat(boundary)
    .flatMap(({ document }) => document.Statement)
  const patterns = [...new Set(documents.flatMap(({ Resource = [] }) => Resource))].filter((one) =>
    one.includes('sesame-test'),
  )
  /** Resources of another stage that have the same names but for the stage. */
  const resourcesOf = (stage: string) =>
    patterns.map((pattern) => pattern.replaceAll('sesame-test', `sesame-${stage}`).replaceAll('*', 'any'))
  const reached = (stage: string) =>
    resourcesOf(stage).filter((resource) => patterns.some((one) => matchesResource(piecesOf(one), resource)))

  test('no permission of a stage reaches a resource of another stage', () => {
    expect(patterns.length).toBeGreaterThan(40)
    const stage = fc.oneof(
      fc.stringMatching(/^[a-z0-9]{1,17}$/),
      fc.stringMatching(/^test[a-z0-9]{1,13}$/),
      fc.constantFrom('tes', 'atest', 'testtest'),
    )
    fc.assert(
      fc.property(
        stage.filter((one) => one !== 'test'),
        (other) => {
          expect(reached(other)).toEqual([])
        },
      ),
      { numRuns: 100 },
    )
  })

  test('with a hyphen, permissions of a stage would reach most resources of another one', () => {
    expect(reached('test-eu').length).toBeGreaterThan(patterns.length / 4)
    expect(reached('test')).toHaveLength(patterns.length)
  })
})
