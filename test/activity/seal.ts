/** Fires the schedule of a function in tests, with the retries that follow a crash. */
import type { Aws } from '../../local/aws.ts'

/** @throws Error if no schedule invokes the function */
export async function fireSchedule(aws: Aws, functionName: string): Promise<void> {
  const schedule = aws.eventbridge.schedules.find(({ functionArn }) => functionArn.endsWith(`:${functionName}`))
  if (!schedule) throw new Error(`No schedule invokes ${functionName}`)
  await aws.eventbridge.fire(schedule)
  await aws.settled()
}
