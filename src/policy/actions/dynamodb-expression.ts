/**
 * The top-level attributes that a DynamoDB expression names, and the values that a key condition requires.
 *
 * This reads tokens and no grammar, because DynamoDB itself refuses an expression that does not parse. A character that does not start a
 * token is an error, so no part of the expression is ignored.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.html
 */
import { MalformedInputError } from './entry.ts'

const token = /\s+|(#\w+|:\w+|[A-Za-z_]\w*|\d+|<>|<=|>=|[=<>(),.[\]+-])/y
const keywords = new Set(['set', 'remove', 'add', 'delete', 'and', 'or', 'not', 'between', 'in'])

export type Names = Readonly<Record<string, string>>

function tokensOf(expression: string, field: string): string[] {
  const tokens: string[] = []
  token.lastIndex = 0
  while (token.lastIndex < expression.length) {
    const found = token.exec(expression)
    if (found === null) throw new MalformedInputError(field, 'is not an expression')
    if (found[1] !== undefined) tokens.push(found[1])
  }
  return tokens
}

function nameOf(word: string, names: Names, field: string): string {
  if (!word.startsWith('#')) return word
  const name = Object.hasOwn(names, word) ? names[word] : undefined
  if (name === undefined) throw new MalformedInputError(field, 'uses a name that ExpressionAttributeNames lacks')
  return name
}

/** The first attribute of each path in the expression. */
export function attributesIn(expression: string | undefined, names: Names, field: string): string[] {
  const tokens = tokensOf(expression ?? '', field)
  const paths = tokens.filter(
    (word, at) =>
      /^[#A-Za-z_]/.test(word) && tokens[at - 1] !== '.' && tokens[at + 1] !== '(' && !keywords.has(word.toLowerCase()),
  )
  return paths.map((word) => nameOf(word, names, field))
}

/** The `name = :value` comparisons of a key condition, as attribute name and placeholder. */
export function equalitiesIn(expression: string, names: Names, field: string): { name: string; value: string }[] {
  const tokens = tokensOf(expression, field)
  return tokens.flatMap((word, at) => {
    const name = tokens[at - 1]
    const value = tokens[at + 1]
    if (word !== '=' || name === undefined || !value?.startsWith(':')) return []
    return [{ name: nameOf(name, names, field), value }]
  })
}
