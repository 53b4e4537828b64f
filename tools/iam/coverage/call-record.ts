/**
 * The record of a test file in coverage/iam: one call of each kind that was evaluated with the policies of a role file, with all that is
 * needed to evaluate it again.
 */

import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import * as v from 'valibot'
import type { NamedPolicy } from '../../../src/policy/document.ts'
import type { AccessRequest, Decision } from '../../../src/policy/evaluate.ts'

export type StoredCall = {
  readonly request: AccessRequest
  /** Indexes in `documents`. */
  readonly identity: readonly number[]
  readonly session?: readonly number[]
  readonly boundary?: readonly number[]
  readonly resource?: number
  readonly isTrust: boolean
  readonly verdict: Decision['verdict']
  readonly decidedBy: Decision['decidedBy']
  /** Set for a simulation: the verdict that it expects. */
  readonly wanted?: Decision['verdict']
  /** The first test that made the call. */
  readonly test: string
  times: number
}

export type CallRecord = {
  /** The test file, relative to the root of the repository. */
  readonly file: string
  readonly documents: readonly NamedPolicy[]
  readonly calls: readonly StoredCall[]
  readonly cost: { readonly judged: number; readonly judging: number; readonly recording: number }
}

const root = fileURLToPath(new URL('../../../', import.meta.url))
const folder = `${root}coverage/iam/`

const pathFor = (file: string) => `${folder}${createHash('sha256').update(file).digest('hex').slice(0, 16)}.json`

/** Replaces the record of the file's last run atomically, so a reader never reads half a record. */
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

/** The records of all existing test files. */
export function readRecords(): CallRecord[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => v.parse(isRecord, JSON.parse(readFileSync(`${folder}${name}`, 'utf8'))))
    .filter(({ file }) => existsSync(`${root}${file}`))
    .sort((one, other) => one.file.localeCompare(other.file))
}
