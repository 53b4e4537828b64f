/**
 * What every command receives: the deployed stack, the output and the clock.
 */
import type { StackAccess } from './stack.ts'

export type CommandContext = {
  /** Creates the clients on demand, so that commands such as `sesame parse` need no AWS credentials. */
  readonly stack: () => StackAccess
  /** Prints lines. The result may be a promise, which resolves when the reader has taken enough for more. */
  readonly print: (text: string) => unknown
  readonly now: () => Date
  /** Width of the terminal; absent if the output goes elsewhere. */
  readonly width?: number | undefined
  /** Waits, or until somebody interrupts the command. Absent: a command that repeats something does it once. */
  readonly wait?: ((milliseconds: number) => Promise<'elapsed' | 'interrupted'>) | undefined
  /** Shows how far the work is, on a terminal. Absent: nobody looks. */
  readonly progress?: (text: string) => void
  /** Asks a person. Absent if nobody can be asked. */
  readonly confirm?: ((question: string) => Promise<boolean>) | undefined
}
