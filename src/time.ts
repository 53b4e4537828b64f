/** Units of time, and waiting. */

export const dayMs = 86_400_000

export const sleep = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds))
