/** Waiting in a command that goes on until somebody interrupts it, so that it ends as any other command and not in the middle of a line. */

type Signals = Pick<NodeJS.Process, 'on' | 'exit'>

/** One Ctrl-C arrives twice if the process that started the command passes it on. */
const oneSignalMs = 1_000
/** As a shell counts: 128 and the number of SIGINT. */
const exitCodeOfInterrupt = 130

/**
 * A signal that arrives while nothing waits is answered by the next wait. A later one ends the process at once, for a command that does not get
 * to its next wait. Only commands that have waited are affected.
 */
export function createInterruptibleWait(signals: Signals) {
  let isListening = false
  let interruptedAt: number | undefined
  let wake = () => {}
  const interrupt = () => {
    interruptedAt ??= performance.now()
    if (performance.now() - interruptedAt > oneSignalMs) signals.exit(exitCodeOfInterrupt)
    wake()
  }
  return (milliseconds: number): Promise<'elapsed' | 'interrupted'> => {
    if (!isListening) for (const signal of ['SIGINT', 'SIGTERM'] as const) signals.on(signal, interrupt)
    isListening = true
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer)
        resolve(interruptedAt === undefined ? 'elapsed' : 'interrupted')
      }
      const timer = setTimeout(done, interruptedAt === undefined ? milliseconds : 0)
      wake = done
    })
  }
}
