/** One row of a file that is imported, before its form is applied. */

/** One row, with the line on which it begins, its text, and its cells by name. Columns without names have numbers from 0. */
export type ImportRecord = { readonly line: number; readonly raw: string } & (
  | { readonly cells: ReadonlyMap<string, string> }
  | { readonly problem: string }
)
