/**
 * Generated blocks in pages that people write: `<!-- generated: NAME -->…<!-- /generated -->`, within a line or over several lines.
 */

/** A generator for each name of a block. Returns undefined to leave the block unchanged. */
export type Blocks = Readonly<Record<string, () => string | undefined>>

/** A block that cannot be generated: its name is unknown, or it has no end. */
export class BlockError extends Error {
  override readonly name = 'BlockError'
  readonly retryable = false
  readonly path: string
  readonly block: string

  constructor(path: string, block: string, problem: string) {
    super(`${path}: the generated block "${block}" ${problem}`)
    this.path = path
    this.block = block
  }
}

const start = /<!-- generated: ([\w-]+) -->/g
const end = '<!-- /generated -->'

export const hasBlocks = (text: string): boolean => text.includes('<!-- generated: ')

/**
 * The page with the content of all its blocks replaced.
 *
 * @param path of the page, for errors
 * @throws BlockError if a block has an unknown name or no end
 */
export function fillBlocks(path: string, text: string, blocks: Blocks): string {
  let filled = ''
  let position = 0
  for (const { 0: marker, 1: name = '', index } of text.matchAll(start)) {
    if (index < position) throw new BlockError(path, name, 'is inside another block. Close the other block first.')
    const from = index + marker.length
    const to = text.indexOf(end, from)
    if (to === -1) throw new BlockError(path, name, `has no end. Add ${end}.`)
    const generate = Object.hasOwn(blocks, name) ? blocks[name] : undefined
    if (generate === undefined)
      throw new BlockError(path, name, `is unknown. Known blocks: ${Object.keys(blocks).join(', ')}.`)
    const old = text.slice(from, to)
    const content = generate()
    // A block over several lines keeps its markers on lines of their own.
    filled +=
      text.slice(position, from) + (content === undefined ? old : old.startsWith('\n') ? `\n${content}\n` : content)
    position = to
  }
  return filled + text.slice(position)
}
