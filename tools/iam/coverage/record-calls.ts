/** Vitest set-up: what the gate judges in a test file is written to coverage/iam when the file is done. */
import { relative } from 'node:path'
import { afterAll, expect } from 'vitest'
import { writeRecord } from './call-record.ts'
import { startRecorder } from './recorder.ts'

const { testPath = '' } = expect.getState()
const stop = startRecorder(
  relative(new URL('../../..', import.meta.url).pathname, testPath),
  () => expect.getState().currentTestName ?? '',
)

afterAll(() => writeRecord(stop()))
