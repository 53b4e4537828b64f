/**
 * Reads a file of iam/: its head comment (may, may not, why) and its content, with intrinsic functions unresolved.
 *
 * A file contains one AWS::IAM::Role of the stack, the permissions boundary of those roles, or a template with one role that is deployed on
 * its own.
 */
import * as v from 'valibot'
import { parseYaml } from './yaml-file.ts'

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

/** The role of a template has a path of its own, which the permissions to change the stack's roles do not cover. A customer's role can have the stack's path. */
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

export type RoleFileHead = { readonly may: string; readonly mayNot: string; readonly why: string }

export type RoleFile = {
  /** The file's name without `.yml`. */
  readonly name: string
  readonly logicalId: string
  readonly head: RoleFileHead
  readonly properties: v.InferOutput<typeof roleSchema>['Properties']
}

export type BoundaryFile = {
  readonly head: RoleFileHead
  readonly properties: v.InferOutput<typeof boundarySchema>['Resources']['Boundary']['Properties']
}

export type RoleTemplate = {
  readonly name: string
  readonly head: RoleFileHead
  readonly template: v.InferOutput<typeof templateSchema>
  readonly properties: v.InferOutput<typeof templateRoleSchema>
}

/** A file of iam/ that is not a valid role file. */
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
 * @param name the file's name without `.yml`
 * @throws YamlFileError | RoleFileError if the head comment lacks a part, or the file has anything but one role with its path and session duration
 */
export function readRoleFile(name: string, text: string): RoleFile {
  const [role, ...others] = Object.entries(parseAs(fileSchema, name, parseYaml(`iam/${name}.yml`, text)).Resources)
  if (!role || others.length > 0) throw new RoleFileError(name, 'must have exactly one role')
  const [logicalId, { Properties: properties }] = role
  return { name, logicalId, head: readRoleFileHead(name, text), properties }
}

/** @throws RoleFileError if the file has anything but the one policy that bounds the stack's roles */
export function readBoundary(name: string, text: string): BoundaryFile {
  const { Boundary } = parseAs(boundarySchema, name, parseYaml(`iam/${name}.yml`, text)).Resources
  return { head: readRoleFileHead(name, text), properties: Boundary.Properties }
}

/** @throws RoleFileError if the template has no role or several, or if the role has an unexpected path */
export function readRoleTemplate(name: string, text: string): RoleTemplate {
  const value: unknown = parseYaml(`iam/${name}.yml`, text)
  if (!Object.hasOwn(Object(value), 'AWSTemplateFormatVersion'))
    throw new RoleFileError(
      name,
      `is neither part of the stack nor a template. Add \`- \${file(iam/${name}.yml)}\` to resources in serverless.yml, or add AWSTemplateFormatVersion`,
    )
  const template = parseAs(templateSchema, name, value)
  const [role, ...others] = Object.values(template.Resources).filter(({ Type }) => Type === 'AWS::IAM::Role')
  if (!role || others.length > 0) throw new RoleFileError(name, 'must have exactly one role')
  return {
    name,
    template,
    head: readRoleFileHead(name, text),
    properties: parseAs(templateRoleSchema, name, role.Properties),
  }
}

function parseAs<Schema extends v.GenericSchema>(schema: Schema, name: string, value: unknown): v.InferOutput<Schema> {
  const result = v.safeParse(schema, value)
  if (result.success) return result.output
  const [issue] = result.issues
  throw new RoleFileError(name, `${v.getDotPath(issue) ?? 'as a whole'}: ${issue.message}`)
}

/** @throws RoleFileError if the head comment lacks a part */
export function readRoleFileHead(name: string, text: string): RoleFileHead {
  const part = (title: string) => {
    const found = headPart(text, title)
    if (!found) throw new RoleFileError(name, `lacks "${title}:" in its head comment`)
    return found
  }
  return { may: part('may'), mayNot: part('may not'), why: part('why') }
}

/** The text after `# may:`, with the indented comment lines that continue it. */
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
