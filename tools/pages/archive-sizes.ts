/** Packages the stack into a temporary folder and measures the functions' archives. Takes about ten seconds. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** @returns the size of each archive in bytes */
export function measureArchives(): number[] {
  const folder = mkdtempSync(join(tmpdir(), 'sesame-archives-'))
  try {
    const packager = join(root, 'node_modules/serverless/bin/serverless.js')
    execFileSync(process.execPath, [packager, 'package', '--package', folder], {
      cwd: root,
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, SLS_TELEMETRY_DISABLED: '1' },
    })
    return readdirSync(folder)
      .filter((name) => name.endsWith('.zip'))
      .map((name) => statSync(join(folder, name)).size)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
