/** Loads what a simulation runs, once: the handlers of the functions, and the configuration files that the AWS SDK reads at its first request. */
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { HandlerFactory } from '../lambda/function.ts'
import { runSeed } from './run-seed.ts'

const folder = new URL('../../src/handlers/', import.meta.url)

/** @returns the factory of each function, by its key in serverless.yml */
export async function loadHandlers(): Promise<ReadonlyMap<string, HandlerFactory>> {
  const handlers = new Map<string, HandlerFactory>()
  for (const file of readdirSync(fileURLToPath(folder))) {
    const key = file.replace(/\.ts$/, '')
    const name = key.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())
    const exports: Record<string, unknown> = await import(new URL(file, folder).href)
    const factory = exports[name]
    if (isFactory(factory)) handlers.set(key, factory)
  }
  // The result is of no interest: what it loads is.
  await runSeed({ seed: 'warm-up', handlers, isWarmUp: true })
  return handlers
}

const isFactory = (value: unknown): value is HandlerFactory => typeof value === 'function'
