/** Takes the answer that something does not exist in SES for no answer. */
import { NotFoundException } from '@aws-sdk/client-sesv2'

/** The answer, or `undefined` if SES does not have what was asked for. */
export async function unlessMissing<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof NotFoundException) return undefined
    throw error
  }
}
