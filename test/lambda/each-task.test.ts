import { expect, test } from 'vitest'
import { createAddressLog } from '../../src/lambda/address-log.ts'
import { eachTask } from '../../src/lambda/each-task.ts'
import { createPseudonyms } from '../../src/lambda/pseudonym.ts'

test('a batch of tasks is logged line by line without an address, and the failed ones are reported to Lambda', async () => {
  const lines: string[] = []
  const pseudonymOf = createPseudonyms('key')
  const log = createAddressLog((line) => lines.push(line), pseudonymOf)
  const task = (id: string) => ({ id, project: 'acme', address: `${id}@example.com` })
  const handle = eachTask(
    async () => [
      { task: task('one'), outcome: 'suppressed' },
      { task: task('two'), error: new TypeError('no network') },
    ],
    log,
  )
  expect(await handle({})).toEqual({ batchItemFailures: [{ itemIdentifier: 'two' }] })
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    { outcome: 'suppressed', project: 'acme', address: pseudonymOf('one@example.com') },
    {
      outcome: 'failed',
      error: 'TypeError',
      message: 'no network',
      project: 'acme',
      address: pseudonymOf('two@example.com'),
    },
  ])
  expect(lines.join()).not.toContain('@')
})
