/**
 * The Serverless Framework's variables: `${self:…}`, `${sls:stage}`, `${opt:…}`, `${env:…}`, `${param:…}`, `${file(…):…}`, `${aws:…}`,
 * with fallbacks after commas. CloudFormation's own `${AWS::Region}` and `${Resource.Arn}` are left as they stand.
 *
 * One that yields nothing is an error that names it.
 * https://github.com/oss-serverless/serverless/blob/main/docs/guides/variables.md
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { UnresolvedError } from './resolve.ts'

export type Sources = {
  /** Where `file(…)` begins. */
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

const deepest = 50
const started = /\$\{\s*(?:self:|sls:|opt:|env:|param:|aws:|file\(|strToBool\(|cf[:(]|ssm:|s3:|git:)/

/** A value with every variable in it replaced, however deep. */
export function expand(value: unknown, sources: Sources, depth = 0): unknown {
  if (depth > deepest) throw new UnresolvedError('The template', 'has variables that lead to themselves')
  if (Array.isArray(value)) return value.map((one) => expand(one, sources, depth))
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([name, one]) => [String(expand(name, sources, depth)), expand(one, sources, depth)]),
    )
  }
  return typeof value === 'string' ? expandText(value, sources, depth) : value
}

function expandText(text: string, sources: Sources, depth: number): unknown {
  const found = started.exec(text)
  if (!found) return text
  const end = endOf(text, found.index)
  const value = chosen(text.slice(found.index + 2, end), sources, depth)
  // Alone it may be anything, within a text it must be one.
  if (found.index === 0 && end === text.length - 1) return value
  if (typeof value === 'object') throw new UnresolvedError(text.slice(found.index, end + 1), 'is no text')
  return expandText(text.slice(0, found.index) + String(value) + text.slice(end + 1), sources, depth + 1)
}

/** The brace that closes the variable, over nested ones and quotes. */
function endOf(text: string, start: number): number {
  let open = 0
  let quote = ''
  for (let at = start; at < text.length; at++) {
    const sign = text.charAt(at)
    if (quote) quote = sign === quote ? '' : quote
    else if (sign === "'" || sign === '"') quote = sign
    else if (sign === '{') open++
    else if (sign === '}' && --open === 0) return at
  }
  throw new UnresolvedError(text.slice(start), 'is not closed')
}

/** The first of the alternatives that yields something. */
function chosen(inner: string, sources: Sources, depth: number): unknown {
  for (const alternative of alternativesIn(inner)) {
    const value = yieldOf(alternative.trim(), sources, depth)
    if (value !== undefined && value !== null) return expand(value, sources, depth + 1)
  }
  throw new UnresolvedError(`\${${inner}}`, 'yields nothing')
}

function alternativesIn(inner: string): string[] {
  const parts: string[] = ['']
  let open = 0
  let quote = ''
  for (const sign of inner) {
    if (quote) quote = sign === quote ? '' : quote
    else if (sign === "'" || sign === '"') quote = sign
    else if (sign === '{' || sign === '(') open++
    else if (sign === '}' || sign === ')') open--
    if (sign === ',' && open === 0 && !quote) parts.push('')
    else parts[parts.length - 1] += sign
  }
  return parts
}

function yieldOf(alternative: string, sources: Sources, depth: number): unknown {
  const quoted = /^'(.*)'$|^"(.*)"$/s.exec(alternative)
  if (quoted) return quoted[1] ?? quoted[2]
  if (/^(-?\d+(\.\d+)?|true|false)$/.test(alternative)) return JSON.parse(alternative)
  if (alternative === 'null') return undefined
  if (alternative.startsWith('${') && endOf(alternative, 0) === alternative.length - 1) {
    return expandText(alternative, sources, depth + 1)
  }
  const text = String(expandText(alternative, sources, depth + 1))
  const file = /^file\(([^)]+)\)(?::(.+))?$/.exec(text)
  if (file?.[1]) return at(expand(readYaml(join(sources.root, file[1])), sources, depth + 1), file[2])
  const cut = text.indexOf(':')
  const [source, address] = [text.slice(0, Math.max(0, cut)), text.slice(cut + 1)]
  switch (source) {
    case 'self':
      return at(sources.self, address)
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
  throw new UnresolvedError(`\${${text}}`, 'is of a kind that the embedded AWS does not know')
}

/** Throws a file-system error that names the file, or YAML's own error. */
export function readYaml(file: string): unknown {
  const document: unknown = parse(readFileSync(file, 'utf8'), { merge: true, maxAliasCount: -1 })
  return document
}

function at(value: unknown, address: string | undefined): unknown {
  return (address ?? '')
    .split('.')
    .filter((part) => part !== '')
    .reduce<unknown>((inner, part) => (isObject(inner) && Object.hasOwn(inner, part) ? inner[part] : undefined), value)
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
