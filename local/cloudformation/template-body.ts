/** Reads the body of a CloudFormation template, in JSON or in YAML with short forms of functions such as `!Ref` and `!Sub`. */
import * as v from 'valibot'
import { type CollectionTag, parse, type ScalarTag, YAMLMap, YAMLSeq } from 'yaml'
import { AwsError } from '../service.ts'

const text = v.union([v.string(), v.pipe(v.union([v.number(), v.boolean()]), v.transform(String))])

const parameter = v.object({
  Type: v.string(),
  Default: v.optional(text),
  AllowedPattern: v.optional(v.string()),
  AllowedValues: v.optional(v.array(text)),
  Description: v.optional(v.string(), ''),
  NoEcho: v.optional(v.unknown()),
})

const templateBody = v.object({
  AWSTemplateFormatVersion: v.optional(v.unknown()),
  Description: v.optional(v.string(), ''),
  Parameters: v.optional(v.record(v.string(), parameter), {}),
  Conditions: v.optional(v.record(v.string(), v.unknown()), {}),
  Resources: v.record(
    v.string(),
    v.object({
      Type: v.string(),
      Condition: v.optional(v.string()),
      Properties: v.optional(v.record(v.string(), v.unknown()), {}),
    }),
  ),
  Outputs: v.optional(
    v.record(
      v.string(),
      v.object({ Description: v.optional(v.string(), ''), Value: v.unknown(), Condition: v.optional(v.string()) }),
    ),
    {},
  ),
})

export type TemplateBody = v.InferOutput<typeof templateBody>
export type TemplateParameter = TemplateBody['Parameters'][string]

/** The long form of a short form: `!Sub x` is `Fn::Sub: x`. */
const longForm = (name: string, value: unknown) => {
  if (name === 'Ref' || name === 'Condition') return { [name]: value }
  const isAttribute = name === 'GetAtt' && typeof value === 'string'
  return { [`Fn::${name}`]: isAttribute ? value.split(/\.(.*)/s, 2) : value }
}

const names = ['Ref', 'Condition', 'GetAtt', 'Sub', 'Join', 'Split', 'Select', 'If', 'Equals', 'And', 'Or', 'Not']
const shortForms = names.flatMap((name): (ScalarTag | CollectionTag)[] => [
  { tag: `!${name}`, resolve: (value: string) => longForm(name, value) },
  {
    tag: `!${name}`,
    collection: 'seq',
    resolve: (value) => (value instanceof YAMLSeq ? longForm(name, value.toJSON()) : value),
  },
  {
    tag: `!${name}`,
    collection: 'map',
    resolve: (value) => (value instanceof YAMLMap ? longForm(name, value.toJSON()) : value),
  },
])

/** @throws AwsError ValidationError that says what is wrong with the template */
export function readTemplateBody(body: string): TemplateBody {
  let value: unknown
  try {
    value = parse(body, { customTags: shortForms, merge: true })
  } catch (cause) {
    throw formatError(cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause))
  }
  const read = v.safeParse(templateBody, value)
  if (read.success) return read.output
  throw formatError(`${v.getDotPath(read.issues[0]) ?? 'the template'}: ${read.issues[0].message}`)
}

const formatError = (problem: string) => new AwsError('ValidationError', `Template format error: ${problem}`)
