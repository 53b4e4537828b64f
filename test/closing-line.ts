/**
 * Vitest reporter: closes a run with one plain line, `123 passed, 0 failed`, for whoever reads the end of a log.
 * What broke before or beside the tests (a file that does not load, an unhandled rejection) counts as failed.
 */
import type { Reporter } from 'vitest/node'

export default class ClosingLine implements Reporter {
  onTestRunEnd(...[modules, unhandled]: Parameters<NonNullable<Reporter['onTestRunEnd']>>): void {
    const states = modules.flatMap((module) => [...module.children.allTests()].map((test) => test.result().state))
    const broken = modules.flatMap((module) => [
      ...module.errors(),
      ...[...module.children.allSuites()].flatMap((suite) => [...suite.errors()]),
    ])
    const count = (state: string) => states.filter((one) => one === state).length
    const skipped = states.length - count('passed') - count('failed')
    if (skipped > 0) process.stdout.write(`${skipped} skipped\n`)
    process.stdout.write(`${count('passed')} passed, ${count('failed') + broken.length + unhandled.length} failed\n`)
  }
}
