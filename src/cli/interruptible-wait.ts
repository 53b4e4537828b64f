/** Waiting in a command that goes on until somebody interrupts it, so that it ends as any other command and not in the middle of a line. */

type Signals = Pick<NodeJS.Process, 'once' | 'off'>

/** A signal that arrives while nothing waits is answered by the next wait. It interrupts only commands that have waited. */
export function createInterruptibleWait(signals: Signals) {
  let isListening = false
  let isInterrupted = false
  let wake = () => {}
  const interrupt = () => {
    isInterrupted = true
    wake()
  }
  return (milliseconds: number): Promise<'elapsed' | 'interrupted'> => {
    if (!isListening) for (const signal of ['SIGINT', 'SIGTERM'] as const) signals.once(signal, interrupt)
    isListening = true
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer)
        resolve(isInterrupted ? 'interrupted' : 'elapsed')
      }
      const timer = setTimeout(done, isInterrupted ? 0 : milliseconds)
      wake = done
    })
  }
}
