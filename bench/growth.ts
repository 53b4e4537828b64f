/**
 * Whether an event costs more when there are more addresses or more projects. Runs as a process of its own: it handles events with the bundle as it
 * ships, against a stub that knows as many routes as are asked for, and reports CPU time and memory on the way.
 */
import { createRequire } from 'node:module'
import { account, eventOf, type LambdaEvent } from './messages.ts'

export type GrowthOrder = { readonly bundle: string; readonly projects: number; readonly addresses: readonly number[] }
export type GrowthPoint = {
  readonly addresses: number
  readonly cpuMicroseconds: number
  readonly heapMegabytes: number
}

const recipients = 10

/** Addresses before the first row, until the code is compiled as in a function that has been warm for a while. */
const warmUp = 20_000

/** The event of an account of its own: each project has one. */
function inProject(event: LambdaEvent, project: number): LambdaEvent {
  const other = `1${String(project).padStart(11, '0')}`
  return JSON.parse(JSON.stringify(event).replaceAll(account, other))
}

process.on('message', async ({ bundle, projects, addresses }: GrowthOrder) => {
  const { handler } = createRequire(import.meta.url)(bundle)
  const points: GrowthPoint[] = []
  let n = 0
  const handleUntil = async (count: number) => {
    for (; n * recipients < count; n += 1)
      await handler(inProject(eventOf({ kind: 'hard', recipients }, n), n % projects))
  }
  for (const count of addresses) {
    await handleUntil(warmUp + count)
    const before = process.cpuUsage()
    const from = n
    await handleUntil(warmUp + count + 2_000)
    const { user, system } = process.cpuUsage(before)
    globalThis.gc?.()
    points.push({
      addresses: count,
      cpuMicroseconds: (user + system) / ((n - from) * recipients),
      heapMegabytes: process.memoryUsage().heapUsed / 1e6,
    })
  }
  process.send?.(points, () => process.disconnect())
})
