import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 30_000,
    pool: 'threads',
    // What the embedded AWS judges is recorded for npm run coverage:iam and npm run mutate:iam.
    setupFiles: ['./tools/iam/coverage/record-calls.ts'],
    reporters: ['default', './test/closing-line.ts'],
  },
})
