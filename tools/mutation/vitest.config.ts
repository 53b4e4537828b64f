/** The tests of the pure modules, for Stryker: they need no embedded AWS, and each mutant runs those that reach it. */
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: [
      'test/intake/*.test.ts',
      'test/suppression/{bounce-finding,evidence,import-ruling,judge,rules,stored-evidence}.test.ts',
    ],
    pool: 'threads',
    testTimeout: 60_000,
    // Code that counts its mutants is slower, so what a test says of time is not true.
    testNamePattern: /^(?!.*\btime (?:of|that)\b)/,
  },
})
