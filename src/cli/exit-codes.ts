/**
 * The exit codes of the `sesame` command, for scripts. docs/cli.md lists them.
 */

export const exitCodes = { success: 0, failed: 1, usage: 2, no: 3 } as const

export const exitCodeTexts: readonly (readonly [code: number, meaning: string])[] = [
  [exitCodes.success, 'the command did what it was asked, or the answer is yes (`check`: no address is suppressed)'],
  [
    exitCodes.failed,
    'something failed: AWS or a function refused, a step of the doctor failed, an event could not be read or applied',
  ],
  [exitCodes.usage, 'the command was used wrongly, or needs `--yes`; nothing was done'],
  [
    exitCodes.no,
    'the answer is no: an address is suppressed (`check`), the call is denied (`roles explain`, `roles can`), a change newly allows something (`roles compare`), a receiver did not accept the test (`webhook test`)',
  ],
]

/** Sets the exit code, unless a higher one is set. */
export function exitWith(code: number): void {
  process.exitCode = Math.max(Number(process.exitCode ?? 0), code)
}
