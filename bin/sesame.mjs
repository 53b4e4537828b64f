#!/usr/bin/env node
/** The `sesame` command: installs the dependencies if needed, then runs src/cli/sesame.ts on the pinned Node version. */
import { fileURLToPath } from 'node:url'
import { runReady } from './ready.mjs'

await runReady('node', [fileURLToPath(new URL('../src/cli/sesame.ts', import.meta.url)), ...process.argv.slice(2)])
