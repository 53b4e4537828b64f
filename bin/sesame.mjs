#!/usr/bin/env node
/**
 * The `sesame` command. In a checkout, it installs the dependencies if needed and runs src/cli/sesame.ts on the pinned Node version. In an
 * installed package, it runs the bundle on the Node version of the machine: Node runs no TypeScript below node_modules.
 */
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const pathOf = (relative) => fileURLToPath(new URL(relative, import.meta.url))
/** Only a checkout has the lock file. */
const isCheckout = existsSync(pathOf('../package-lock.json'))
const minimumNode = 22

if (isCheckout) {
  const { runReady } = await import('./ready.mjs')
  await runReady('node', [pathOf('../src/cli/sesame.ts'), ...process.argv.slice(2)])
} else if (Number(process.versions.node.split('.')[0]) < minimumNode) {
  console.error(`sesame: Node ${process.versions.node} is too old. Use Node ${minimumNode} or later`)
  process.exitCode = 1
} else await import(new URL('../dist/cli/sesame.mjs', import.meta.url))
