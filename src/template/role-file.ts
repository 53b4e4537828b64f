/**
 * A file of iam/: its head comment (may / may not / why) and what it holds, intrinsics unresolved. That is one AWS::IAM::Role of the stack;
 * the boundary of all of those; or a template with one role that is deployed by itself.
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
    PermissionsBoundary: v.strictObject({ Ref: v.literal('Boundary') }),
    AssumeRolePolicyDocument: v.unknown(),
    Policies: v.pipe(v.array(v.strictObject({ PolicyName: v.string(), PolicyDocument: v.unknown() })), v.minLength(1)),
  }),
})
const fileSchema = v.strictObject({ Resources: v.record(v.string(), roleSchema) })

const boundarySchema = v.strictObject({
  Resources: v.strictObject({
    Boundary: v.strictObject({
      Type: v.literal('AWS::IAM::ManagedPolicy'),
      Properties: v.strictObject({
        ManagedPolicyName: v.unknown(),
        Path: v.literal('/sesame/'),
        Description: v.string(),
        PolicyDocument: v.unknown(),
      }),
    }),
  }),
})

/** Its role stands under a path of its own, out of reach of whoever may make and change the stack's roles; a customer's may be under ours. */
const templateSchema = v.object({
  AWSTemplateFormatVersion: v.string(),
  Description: v.string(),
  Parameters: v.optional(v.record(v.string(), v.unknown()), {}),
  Conditions: v.optional(v.record(v.string(), v.unknown()), {}),
  Resources: v.record(
    v.string(),
    v.object({ Type: v.string(), Properties: v.optional(v.record(v.string(), v.unknown()), {}) }),
  ),
})
const templateRoleSchema = v.object({
  RoleName: v.unknown(),
  Path: v.picklist(['/sesame/', '/sesame-applications/', '/sesame-deployment/', '/sesame-people/']),
  Description: v.string(),
  MaxSessionDuration: v.pipe(v.number(), v.minValue(3600), v.maxValue(43200)),
  AssumeRolePolicyDocument: v.unknown(),
  Policies: v.pipe(v.array(v.unknown()), v.minLength(1)),
})

export type Head = { readonly may: string; readonly mayNot: string; readonly why: string }

export type RoleFile = {
  /** File name less `.yml`. */
  readonly name: string
  readonly logicalId: string
  readonly head: Head
  readonly properties: v.InferOutput<typeof roleSchema>['Properties']
}

export type BoundaryFile = {
  readonly head: Head
  readonly properties: v.InferOutput<typeof boundarySchema>['Resources']['Boundary']['Properties']
}

export type RoleTemplate = {
  readonly name: string
  readonly head: Head
  readonly template: v.InferOutput<typeof templateSchema>
  readonly properties: v.InferOutput<typeof templateRoleSchema>
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
  const [only, ...others] = Object.entries(parsed(fileSchema, name, parse(text)).Resources)
  if (!only || others.length > 0) throw new RoleFileError(name, 'must hold exactly one role')
  const [logicalId, { Properties: properties }] = only
  return { name, logicalId, head: readHead(name, text), properties }
}

/** @throws RoleFileError if it holds anything but the one policy that caps the stack's roles */
export function readBoundary(name: string, text: string): BoundaryFile {
  const { Boundary } = parsed(boundarySchema, name, parse(text)).Resources
  return { head: readHead(name, text), properties: Boundary.Properties }
}

/** @throws RoleFileError if it holds no role or several, or one under a path that the stack's roles are under */
export function readTemplate(name: string, text: string): RoleTemplate {
  const template = parsed(templateSchema, name, parse(text))
  const [only, ...others] = Object.values(template.Resources).filter(({ Type }) => Type === 'AWS::IAM::Role')
  if (!only || others.length > 0) throw new RoleFileError(name, 'must hold exactly one role')
  return { name, template, head: readHead(name, text), properties: parsed(templateRoleSchema, name, only.Properties) }
}

function parsed<Schema extends v.GenericSchema>(schema: Schema, name: string, value: unknown): v.InferOutput<Schema> {
  const read = v.safeParse(schema, value)
  if (read.success) return read.output
  const [issue] = read.issues
  throw new RoleFileError(name, `${v.getDotPath(issue) ?? 'as a whole'}: ${issue.message}`)
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
