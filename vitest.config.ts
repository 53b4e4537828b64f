import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 30_000,
    pool: 'threads',
    // Test files of one worker share its modules: loading the AWS SDK once per worker instead of once per file saves a quarter of the CPU time.
    isolate: false,
    // Records the calls that the embedded AWS evaluates, for npm run iam:coverage and npm run iam:mutate.
    setupFiles: ['./tools/iam/coverage/record-calls.ts'],
    // One character per test, the failures in full, and the count as the last line.
    reporters: ['dot', './test/closing-line.ts'],
  },
})
