import { expect, test } from 'vitest'
import { sendThroughTwoAccounts } from '../../bench/sending.ts'
import { cpuPerSend } from '../../bench/sending-cpu.ts'

test('an application sends through two accounts: no mail to a suppressed address, none twice, and within the rates', {
  timeout: 60_000,
}, async () => {
  const figures = await sendThroughTwoAccounts(400)
  expect(figures).toMatchObject({ messages: 400, duplicates: 0, toSuppressed: 0, lateBounces: 0 })
  expect(figures.refused).toBe(8)
  // The answers that were lost were of mails that SES accepted.
  expect(figures.unknown).toBeGreaterThan(0)
  expect(figures.accepted + figures.refused + figures.unknown).toBe(400)
  expect(figures.peak).toBeLessThanOrEqual(1.2)
})

test('the CPU of a message is measured as the function ships, and a message of a batch costs less than one alone', async () => {
  const { ours, batch, direct } = await cpuPerSend(100)
  expect(ours).toBeGreaterThan(direct)
  expect(batch).toBeLessThan(ours)
})
