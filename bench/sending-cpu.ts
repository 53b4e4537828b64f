/**
 * CPU of a message by send-email, as it ships, alone and in a batch of 50, and of one SendEmail by the SDK in the same kind of bundle. Both call a stub over loopback, whose
 * CPU is not counted.
 */
import { fork } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as v from 'valibot'
import { bundleAsShipped, bundleWithSdk } from './shipped-bundle.ts'

/** The request of the parent process. */
export type CpuOrder = {
  readonly bundle: string
  /** Messages. */
  readonly count: number
  readonly way: 'one by one' | 'batch' | 'direct'
}

const file = (name: string) => fileURLToPath(new URL(name, import.meta.url))

/** @returns microseconds of CPU, user and system, each */
export async function cpuPerSend(count: number): Promise<{ ours: number; batch: number; direct: number }> {
  const folder = mkdtempSync(join(tmpdir(), 'sesame-cpu-'))
  const stub = fork(file('stub-aws.ts'))
  try {
    const endpoint = await new Promise<string>((resolve) =>
      stub.once('message', (url) => resolve(v.parse(v.string(), url))),
    )
    const ours = (await bundleAsShipped('src/handlers/send-email.ts', join(folder, 'ours.cjs'))).file
    const direct = (await bundleWithSdk('bench/direct-send.ts', join(folder, 'direct.cjs'))).file
    return {
      ours: await measured({ bundle: ours, count, way: 'one by one' }, endpoint),
      batch: await measured({ bundle: ours, count, way: 'batch' }, endpoint),
      direct: await measured({ bundle: direct, count, way: 'direct' }, endpoint),
    }
  } finally {
    stub.disconnect()
    rmSync(folder, { recursive: true })
  }
}

/** Microseconds for each, in a process of its own. */
function measured(order: CpuOrder, endpoint: string): Promise<number> {
  const child = fork(file('sending-cpu-run.ts'), {
    env: {
      ...process.env,
      AWS_ENDPOINT_URL: endpoint,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'AKID',
      AWS_SECRET_ACCESS_KEY: 'secret',
      SENDS_TABLE: 'sends',
      SUPPRESSIONS_TABLE: 'suppressions',
      PROJECTS_TABLE: 'projects',
      PROJECT_DATA_ROLE: 'arn:aws:iam::123456789012:role/sesame/project-data',
      LOG_KEY: 'key',
    },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  return new Promise((resolve, reject) => {
    child.once('message', (answer) => resolve(v.parse(v.number(), answer)))
    child.once('exit', (code) => reject(new Error(`The measurement ended with ${code}`)))
    child.send(order)
  })
}
