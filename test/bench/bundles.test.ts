import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { bundleAsShipped, bundlePlainly, functions } from '../../bench/shipped-bundle.ts'

const folder = mkdtempSync(join(tmpdir(), 'sesame-bench-test-'))
afterAll(() => rmSync(folder, { recursive: true }))

test('the benchmark measures the functions of serverless.yml, by their source files', () => {
  expect(functions.get('record-bounce')).toBe('src/handlers/record-bounce.ts')
})

test('a bundle is built with the shipped settings: CommonJS, and credentials from the environment only', async () => {
  const shipped = await bundleAsShipped('bench/plain-put.ts', join(folder, 'shipped.js'))
  expect(readFileSync(shipped.file, 'utf8')).toMatch(/^"use strict";[\s\S]*NoEnvironmentCredentialsError/)
  const floor = await bundlePlainly('bench/plain-put.ts', join(folder, 'floor.mjs'))
  expect(readFileSync(floor.file, 'utf8')).not.toContain('NoEnvironmentCredentialsError')
  expect(shipped.zippedBytes).toBeLessThan(floor.zippedBytes)
})
