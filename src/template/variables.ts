/**
 * The Serverless Framework's variables: `${self:…}`, `${sls:stage}`, `${opt:…}`, `${env:…}`, `${param:…}`, `${file(…):…}`, `${aws:…}`,
 * with fallbacks after commas. CloudFormation's own `${AWS::Region}` and `${Resource.Arn}` are not changed.
 *
 * A variable without a value is an error that names it.
 * https://github.com/oss-serverless/serverless/blob/main/docs/guides/variables.md
 */
import { UnresolvedError } from './resolve.ts'
import { readYaml } from './yaml-file.ts'

export type VariableSources = {
  /** The folder that paths in `file(…)` are relative to. */
  root: string
  /** The whole document, for `self:`. */
  self: unknown
  stage: string
  account: string
  region: string
  env: Readonly<Record<string, string | undefined>>
  options: Readonly<Record<string, string | undefined>>
  params: Readonly<Record<string, unknown>>
}

const maxDepth = 50
const variableStart = /\$\{\s*(?:self:|sls:|opt:|env:|param:|aws:|file\(|strToBool\(|cf[:(]|ssm:|s3:|git:)/

/**
 * Replaces all variables in a value, at every depth.
 * @throws UnresolvedError
 */
export function expandVariables(value: unknown, sources: VariableSources, depth = 0): unknown {
  if (depth > maxDepth) throw new UnresolvedError('The template', 'has variables that refer to themselves')
  if (Array.isArray(value)) return value.map((one) => expandVariables(one, sources, depth))
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([name, one]) => [
        String(expandVariables(name, sources, depth)),
        expandVariables(one, sources, depth),
      ]),
    )
  }
  return typeof value === 'string' ? expandText(value, sources, depth) : value
}

function expandText(text: string, sources: VariableSources, depth: number): unknown {
  const found = variableStart.exec(text)
  if (!found) return text
  const end = endOf(text, found.index)
  const value = firstValueOf(text.slice(found.index + 2, end), sources, depth)
  // A variable that is the whole text can have any value. One within a text must have a string, number or boolean.
  if (found.index === 0 && end === text.length - 1) return value
  if (typeof value === 'object') throw new UnresolvedError(text.slice(found.index, end + 1), 'must be a string')
  return expandText(text.slice(0, found.index) + String(value) + text.slice(end + 1), sources, depth + 1)
}

/** The index of the brace that closes the variable, past nested variables and quotes. */
function endOf(text: string, start: number): number {
  let open = 0
  let quote = ''
  for (let index = start; index < text.length; index++) {
    const character = text.charAt(index)
    if (quote) quote = character === quote ? '' : quote
    else if (character === "'" || character === '"') quote = character
    else if (character === '{') open++
    else if (character === '}' && --open === 0) return index
  }
  throw new UnresolvedError(text.slice(start), 'has no closing brace')
}

/** The value of the first alternative that has one. */
function firstValueOf(inner: string, sources: VariableSources, depth: number): unknown {
  for (const alternative of alternativesOf(inner)) {
    const value = alternativeValueOf(alternative.trim(), sources, depth)
    if (value !== undefined && value !== null) return expandVariables(value, sources, depth + 1)
  }
  throw new UnresolvedError(`\${${inner}}`, 'has no value')
}

function alternativesOf(inner: string): string[] {
  const parts: string[] = ['']
  let open = 0
  let quote = ''
  for (const character of inner) {
    if (quote) quote = character === quote ? '' : quote
    else if (character === "'" || character === '"') quote = character
    else if (character === '{' || character === '(') open++
    else if (character === '}' || character === ')') open--
    if (character === ',' && open === 0 && !quote) parts.push('')
    else parts[parts.length - 1] += character
  }
  return parts
}

function alternativeValueOf(alternative: string, sources: VariableSources, depth: number): unknown {
  const quoted = /^'(.*)'$|^"(.*)"$/s.exec(alternative)
  if (quoted) return quoted[1] ?? quoted[2]
  if (/^(-?\d+(\.\d+)?|true|false)$/.test(alternative)) return JSON.parse(alternative)
  if (alternative === 'null') return undefined
  if (alternative.startsWith('${') && endOf(alternative, 0) === alternative.length - 1) {
    return expandText(alternative, sources, depth + 1)
  }
  const text = String(expandText(alternative, sources, depth + 1))
  const file = /^file\(([^)]+)\)(?::(.+))?$/.exec(text)
  if (file?.[1]) return valueAt(expandVariables(readYaml(sources.root, file[1]), sources, depth + 1), file[2])
  const cut = text.indexOf(':')
  const [source, address] = [text.slice(0, Math.max(0, cut)), text.slice(cut + 1)]
  switch (source) {
    case 'self':
      return valueAt(sources.self, address)
    case 'env':
      return sources.env[address]
    case 'opt':
      return address === 'stage' ? sources.stage : sources.options[address]
    case 'param':
      return sources.params[address]
    case 'sls':
      if (address === 'stage') return sources.stage
      break
    case 'aws':
      if (address === 'accountId') return sources.account
      if (address === 'region') return sources.region
  }
  throw new UnresolvedError(`\${${text}}`, 'is a kind of variable that the embedded AWS does not support')
}

function valueAt(value: unknown, address: string | undefined): unknown {
  return (address ?? '')
    .split('.')
    .filter((part) => part !== '')
    .reduce<unknown>((inner, part) => (isObject(inner) && Object.hasOwn(inner, part) ? inner[part] : undefined), value)
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
