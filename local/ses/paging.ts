/** Pages of a list, sorted by key. A page continues after the last key of the previous one, so that changes in between skip nothing. */
import * as v from 'valibot'
import { AwsError } from '../service.ts'

export const paging = {
  NextToken: v.optional(v.string()),
  PageSize: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1000)), 100),
}

/** @throws AwsError InvalidNextTokenException */
export function pageOf<Item>(
  items: readonly Item[],
  keyOf: (item: Item) => string,
  { NextToken, PageSize }: { NextToken?: string | undefined; PageSize: number },
): { page: Item[]; next: { NextToken?: string } } {
  const after = NextToken === undefined ? undefined : keyIn(NextToken)
  const rest = items
    .map((item) => ({ item, key: keyOf(item) }))
    .filter(({ key }) => after === undefined || key > after)
    .sort((a, b) => (a.key < b.key ? -1 : 1))
  const page = rest.slice(0, PageSize)
  const last = page.at(-1)
  const more = rest.length > page.length && last !== undefined
  return { page: page.map(({ item }) => item), next: more ? { NextToken: tokenOf(last.key) } : {} }
}

const tokenOf = (key: string): string => Buffer.from(`after ${key}`).toString('base64url')

function keyIn(token: string): string {
  const text = Buffer.from(token, 'base64url').toString()
  if (text.startsWith('after ')) return text.slice('after '.length)
  throw new AwsError('InvalidNextTokenException', 'The specified request includes an invalid or expired token.')
}
