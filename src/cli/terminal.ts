/**
 * Writes results to standard output, and progress and errors to standard error.
 *
 * - What comes from outside cannot control the terminal: each text passes `printable`.
 * - Progress is one line. It is shown on a terminal only, and cleared before anything else is written.
 * - Colour is used on a terminal only, and not if NO_COLOR is set.
 */
import { once } from 'node:events'
import { styleText } from 'node:util'
import { printable, printableLine } from './printable.ts'
import { cut, wrapped } from './text-width.ts'

/** What is used of a stream of the process. */
export type TerminalStream = NodeJS.WritableStream & {
  readonly isTTY?: boolean
  readonly columns?: number
  getColorDepth?(): number
}

const usualWidth = 80

const clearLine = '\r\u001b[2K'
/** Progress is not redrawn more often. */
const redrawMs = 100

type Style = Parameters<typeof styleText>[0]

/** By the beginning of a line: its style. Colour is added here only, after the text was made printable. */
const styles: readonly (readonly [start: RegExp, style: Style])[] = [
  [/^✓/, 'green'],
  [/^✗/, 'red'],
  [/^\?/, 'yellow'],
  [/^–/, 'dim'],
  [/^(failed|denied|sesame):?(?= )/, 'red'],
]

export function createTerminal(stdout: TerminalStream, stderr: TerminalStream) {
  const hasColour = (stream: TerminalStream) => stream.isTTY === true && (stream.getColorDepth?.() ?? 1) > 2
  const styled = (text: string, stream: TerminalStream) =>
    hasColour(stream) ? text.split('\n').map(colouredLine).join('\n') : text
  /** A pseudo-terminal may have the width 0. */
  const widthOfErrors = () => stderr.columns || usualWidth
  let hasProgress = false
  let drawnAt = 0

  function clear(): void {
    if (hasProgress) stderr.write(clearLine)
    hasProgress = false
  }

  return {
    /** Width of the terminal; `undefined` if it has none, or if the output goes elsewhere, where nothing is wrapped. */
    get width(): number | undefined {
      return (stdout.isTTY && stdout.columns) || undefined
    },

    /** Writes lines. @returns when the reader has taken enough for more to be written */
    async print(text: string): Promise<void> {
      clear()
      if (!stdout.write(`${styled(printable(text), stdout)}\n`)) await once(stdout, 'drain')
    },

    printError(text: string): void {
      clear()
      const lines = printable(text).split('\n')
      const fitted = stderr.isTTY ? lines.flatMap((line) => wrapped(line, widthOfErrors())) : lines
      stderr.write(`${styled(fitted.join('\n'), stderr)}\n`)
    },

    /** Shows how far the work is. */
    progress(text: string): void {
      const now = performance.now()
      if (!stderr.isTTY || (hasProgress && now - drawnAt < redrawMs)) return
      stderr.write(clearLine + cut(printableLine(text), Math.max(1, widthOfErrors() - 1)))
      hasProgress = true
      drawnAt = now
    },

    /** Clears the progress. */
    clear,
  }
}

function colouredLine(line: string): string {
  for (const [start, style] of styles) {
    const [found] = start.exec(line) ?? []
    if (found !== undefined) return styleText(style, found, { validateStream: false }) + line.slice(found.length)
  }
  return line
}
