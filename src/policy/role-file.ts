/**
 * A role file of iam/: its head comment (may / may not / why) and the one AWS::IAM::Role that it holds, intrinsics unresolved.
 */
import * as v from 'valibot'
import { parse } from 'yaml'

const roleSchema = v.strictObject({
  Type: v.literal('AWS::IAM::Role'),
  Properties: v.strictObject({
    RoleName: v.unknown(),
    Path: v.literal('/sesame/'),
    Description: v.string(),
    MaxSessionDuration: v.pipe(v.number(), v.minValue(3600), v.maxValue(43200)),
    AssumeRolePolicyDocument: v.unknown(),
    Policies: v.pipe(v.array(v.strictObject({ PolicyName: v.string(), PolicyDocument: v.unknown() })), v.minLength(1)),
  }),
})
const fileSchema = v.strictObject({ Resources: v.record(v.string(), roleSchema) })

export type Head = { readonly may: string; readonly mayNot: string; readonly why: string }

export type RoleFile = {
  /** File name less `.yml`. */
  readonly name: string
  readonly logicalId: string
  readonly head: Head
  readonly properties: v.InferOutput<typeof roleSchema>['Properties']
}

/** What makes a file of iam/ no role file. */
export class RoleFileError extends Error {
  override readonly name = 'RoleFileError'
  readonly retryable = false
  readonly file: string

  constructor(file: string, problem: string, options?: ErrorOptions) {
    super(`iam/${file}.yml ${problem}`, options)
    this.file = file
  }
}

/**
 * @param name file name less `.yml`
 * @throws RoleFileError if the head comment lacks a part, or the file holds anything but one role with its path and session duration
 */
export function readRoleFile(name: string, text: string): RoleFile {
  const read = v.safeParse(fileSchema, parse(text))
  if (!read.success) {
    const [issue] = read.issues
    throw new RoleFileError(name, `${v.getDotPath(issue) ?? 'as a whole'}: ${issue.message}`)
  }
  const [only, ...others] = Object.entries(read.output.Resources)
  if (!only || others.length > 0) throw new RoleFileError(name, 'must hold exactly one role')
  const [logicalId, { Properties: properties }] = only
  return { name, logicalId, head: readHead(name, text), properties }
}

/** @throws RoleFileError if the head comment lacks a part */
export function readHead(name: string, text: string): Head {
  const part = (title: string) => {
    const found = headPart(text, title)
    if (!found) throw new RoleFileError(name, `lacks "${title}:" in its head comment`)
    return found
  }
  return { may: part('may'), mayNot: part('may not'), why: part('why') }
}

/** `# may:  …` and the comment lines that go on, indented, below it. */
function headPart(text: string, title: string): string | undefined {
  const lines = text.split('\n')
  const first = lines.findIndex((line) => line.startsWith(`# ${title}:`))
  if (first === -1) return undefined
  const rest = lines.slice(first + 1)
  const length = rest.findIndex((line) => !/^# {3,}\S/.test(line))
  return [lines[first]?.slice(title.length + 3), ...rest.slice(0, length).map((line) => line.slice(1))]
    .map((line) => line?.trim())
    .join(' ')
    .trim()
}
