/** What the calls of CloudFormation have in common: a template as text or as an address in S3, parameters, capabilities. */
import * as v from 'valibot'
import { AwsError, type Platform, type ServiceCall } from '../service.ts'
import { readInput } from '../wire/input.ts'
import { readRole } from './apply-roles.ts'
import { type EvaluatedTemplate, evaluateTemplate } from './evaluate-template.ts'
import type { Stack } from './stacks.ts'

const templateInput = v.object({
  TemplateBody: v.optional(v.string()),
  TemplateURL: v.optional(v.string()),
  UsePreviousTemplate: v.optional(v.boolean(), false),
  Parameters: v.optional(
    v.array(
      v.object({
        ParameterKey: v.string(),
        ParameterValue: v.optional(v.string()),
        UsePreviousValue: v.optional(v.boolean(), false),
      }),
    ),
    [],
  ),
  Capabilities: v.optional(v.array(v.string()), []),
  Tags: v.optional(v.array(v.object({ Key: v.string(), Value: v.string() })), []),
})

export type TemplateInput = v.InferOutput<typeof templateInput>

export const readTemplateInput = (call: ServiceCall): TemplateInput => readInput(templateInput, call, 'ValidationError')

/** The template's text. An address is fetched from the embedded S3, signature included. @throws AwsError ValidationError */
export async function templateTextOf(platform: Platform, input: TemplateInput, stack?: Stack): Promise<string> {
  const { TemplateBody: body, TemplateURL: url, UsePreviousTemplate: previous } = input
  if (body !== undefined) return body
  if (url !== undefined) return fetchTemplate(platform, url)
  if (previous && stack?.current) return stack.current.text
  throw new AwsError('ValidationError', 'Either Template URL or Template Body must be specified.')
}

async function fetchTemplate({ clientConfig }: Platform, url: string): Promise<string> {
  const { host, pathname, searchParams } = new URL(url)
  const { requestHandler } = clientConfig({ accessKeyId: '', secretAccessKey: '' })
  const { response } = await requestHandler.handle({
    method: 'GET',
    path: pathname,
    query: Object.fromEntries(searchParams),
    headers: { host },
  })
  if (response.statusCode !== 200)
    throw new AwsError(
      'ValidationError',
      `S3 error: the template cannot be read (status ${response.statusCode}). Get a new link.`,
    )
  const parts: Uint8Array[] = []
  for await (const part of v.parse(v.custom<AsyncIterable<Uint8Array>>(isStream), response.body)) parts.push(part)
  return Buffer.concat(parts).toString()
}

const isStream = (value: unknown) => typeof value === 'object' && value !== null && Symbol.asyncIterator in value

/**
 * The template with its parameters. Parameters that are not given keep the value of the stack if `UsePreviousValue` says so.
 *
 * @throws AwsError ValidationError, InsufficientCapabilitiesException
 */
export function evaluateInput(
  call: ServiceCall,
  input: TemplateInput,
  text: string,
  stack: Pick<Stack, 'id' | 'name' | 'current'>,
): EvaluatedTemplate {
  const given = input.Parameters.flatMap(({ ParameterKey: key, ParameterValue: value, UsePreviousValue: previous }) => {
    const kept = previous ? stack.current?.evaluated.parameters[key] : value
    return kept === undefined ? [] : [[key, kept] as const]
  })
  const { account, region } = call
  const place = { account, region, stack: stack.name, stackId: stack.id }
  const evaluated = evaluateTemplate(text, Object.fromEntries(given), place)
  for (const resource of evaluated.resources) readRole(resource)
  if (evaluated.resources.length > 0 && !input.Capabilities.includes('CAPABILITY_NAMED_IAM'))
    throw new AwsError('InsufficientCapabilitiesException', 'Requires capabilities : [CAPABILITY_NAMED_IAM]')
  return evaluated
}

/** Whether executing would change nothing. */
export const isUnchanged = ({ current }: Pick<Stack, 'current'>, evaluated: EvaluatedTemplate): boolean =>
  current !== undefined &&
  JSON.stringify([current.evaluated.resources, current.evaluated.outputs]) ===
    JSON.stringify([evaluated.resources, evaluated.outputs])
