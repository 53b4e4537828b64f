/** What the commands work on: the stack, once it is known which; and where their words go. */
import type { StackAccess } from './stack.ts'

export type Open = {
  /** Made when a command needs it, so that `sesame parse` needs no AWS at all. */
  readonly stack: () => StackAccess
  readonly print: (line: string) => void
  readonly now: () => Date
}
