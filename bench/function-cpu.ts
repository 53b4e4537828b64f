/**
 * Measures the CPU time of one function. It runs as a process of its own, with the session and the environment of the function, and loads the
 * bundle as it ships. The AWS that answers is in the process of the parent, so its CPU time is not counted.
 */
import { randomUUID } from 'node:crypto'
import { createRequire } from 'node:module'

/** The request of the parent process. The response is the microseconds of CPU time for one event, by round. */
export type FunctionOrder = {
  readonly bundle: string
  readonly event: unknown
  readonly functionArn: string
  readonly rounds: number
  readonly events: number
}

/** A request with a key that was used before is answered from memory, and an address that was ruled on has a history. */
const anew = (event: unknown): unknown => {
  const id = randomUUID()
  const { headers, body } = Object(event)
  if (!headers) return event
  return { ...Object(event), headers: { ...headers, 'idempotency-key': id }, body: body.replace('bench@', `${id}@`) }
}

/** A function that fails fast would look cheap. */
const hasFailed = (answer: unknown): boolean => {
  const { statusCode, refused, batchItemFailures } = Object(answer)
  return statusCode >= 400 || refused !== undefined || batchItemFailures?.length > 0
}

process.on('message', async ({ bundle, event, functionArn, rounds, events }: FunctionOrder) => {
  const context = {
    awsRequestId: 'bench',
    functionName: functionArn.split(':').at(-1),
    invokedFunctionArn: functionArn,
    getRemainingTimeInMillis: () => 300_000,
  }
  const { handler } = createRequire(import.meta.url)(bundle)
  const cpuOf = async (count: number) => {
    const before = process.cpuUsage()
    for (let n = 0; n < count; n += 1) {
      const answer = await handler(anew(event), context)
      if (hasFailed(answer)) throw new Error(`${functionArn} failed: ${JSON.stringify(answer)}`)
    }
    const { user, system } = process.cpuUsage(before)
    return (user + system) / count
  }
  await cpuOf(events * 2)
  const results: number[] = []
  for (let round = 0; round < rounds; round += 1) results.push(await cpuOf(events))
  process.send?.(results, () => process.disconnect())
})
