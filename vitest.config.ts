import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 30_000,
    pool: 'threads',
    // Test files of one worker share its modules: loading the AWS SDK once per worker instead of once per file saves a quarter of the CPU time.
    isolate: false,
    // What the embedded AWS judges is recorded for npm run coverage:iam and npm run mutate:iam.
    setupFiles: ['./tools/iam/coverage/record-calls.ts'],
    reporters: ['default', './test/closing-line.ts'],
  },
})
