/**
 * What a test file's run leaves in coverage/iam: each kind of call that was judged with a role file's policies, once, with all that it
 * takes to judge it again.
 */

import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import * as v from 'valibot'
import type { NamedPolicy } from '../../../src/policy/document.ts'
import type { AccessRequest, Decision } from '../../../src/policy/evaluate.ts'

export type StoredCall = {
  readonly request: AccessRequest
  /** Places in `documents`. */
  readonly identity: readonly number[]
  readonly session?: readonly number[]
  readonly boundary?: readonly number[]
  readonly resource?: number
  readonly isTrust: boolean
  readonly verdict: Decision['verdict']
  readonly decidedBy: Decision['decidedBy']
  /** A simulation, and the verdict that it declares. */
  readonly wanted?: Decision['verdict']
  /** The test that made it first. */
  readonly test: string
  times: number
}

export type CallRecord = {
  /** The test file, from the repository's root. */
  readonly file: string
  readonly documents: readonly NamedPolicy[]
  readonly calls: readonly StoredCall[]
  readonly cost: { readonly judged: number; readonly judging: number; readonly recording: number }
}

const root = fileURLToPath(new URL('../../../', import.meta.url))
const folder = `${root}coverage/iam/`

const pathFor = (file: string) => `${folder}${createHash('sha256').update(file).digest('hex').slice(0, 16)}.json`

/** In place of what the file's last run left, in one step: a reader never meets half a record. */
export function writeRecord(record: CallRecord): void {
  const path = pathFor(record.file)
  if (record.cost.judged === 0) {
    rmSync(path, { force: true })
    return
  }
  mkdirSync(folder, { recursive: true })
  writeFileSync(`${path}.${process.pid}`, JSON.stringify(record))
  renameSync(`${path}.${process.pid}`, path)
}

const isRecord = v.custom<CallRecord>((value) =>
  v.is(v.object({ file: v.string(), calls: v.array(v.unknown()) }), value),
)

/** The records of all test files that still exist. */
export function readRecords(): CallRecord[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => v.parse(isRecord, JSON.parse(readFileSync(`${folder}${name}`, 'utf8'))))
    .filter(({ file }) => existsSync(`${root}${file}`))
    .sort((one, other) => one.file.localeCompare(other.file))
}
