/** Vitest set-up: writes the calls that the gate evaluated in a test file to coverage/iam when the file has finished. */
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
