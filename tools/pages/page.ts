/** A generated file of the repository. */
export type Page = {
  /** Path relative to the root of the repository. */
  readonly path: string
  /**
   * The content that the file must have.
   *
   * @param current the present content; empty if the file does not exist
   */
  text(current: string): string
}
