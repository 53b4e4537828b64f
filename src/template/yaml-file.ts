/** Reads YAML files. A file that is not valid YAML is an error that names the file, the line and the problem. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse, YAMLParseError } from 'yaml'

/** A file that is not valid YAML. */
export class YamlFileError extends Error {
  override readonly name = 'YamlFileError'
  readonly retryable = false
  readonly file: string
  readonly line: number | undefined

  constructor(file: string, line: number | undefined, problem: string, options?: ErrorOptions) {
    super(`${file}${line === undefined ? '' : `, line ${line}`} is not valid YAML: ${problem}`, options)
    this.file = file
    this.line = line
  }
}

/**
 * Parsed texts. Parsing takes most of the time of reading a deployment, and a process with many embedded AWSs reads the same files each time.
 * The values are frozen, so that no reader can change them for another.
 */
const parsed = new Map<string, unknown>()
const maximumParsed = 200

/**
 * @param path relative to `root`; errors name it
 * @throws YamlFileError | an error of the file system that names the file
 */
export function readYaml(root: string, path: string): unknown {
  const text = readFileSync(join(root, path), 'utf8')
  if (!parsed.has(text)) {
    const value = freeze(parseYaml(path, text))
    if (parsed.size >= maximumParsed) parsed.clear()
    parsed.set(text, value)
  }
  return parsed.get(text)
}

/** @throws YamlFileError */
export function parseYaml(file: string, text: string): unknown {
  try {
    const value: unknown = parse(text, { merge: true, maxAliasCount: -1 })
    return value
  } catch (cause) {
    // Anything but a YAMLParseError is an alias without an anchor: a ReferenceError without a position.
    const line = cause instanceof YAMLParseError ? cause.linePos?.[0].line : undefined
    const [problem = ''] = (cause instanceof Error ? cause.message : String(cause)).split(/ at line \d+|\n/)
    throw new YamlFileError(file, line, problem, { cause })
  }
}

function freeze<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  Object.freeze(value)
  for (const inner of Object.values(value)) freeze(inner)
  return value
}
