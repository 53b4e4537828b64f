/** Reads one page of a suppression list. */
import { type DynamoDBClient, paginateQuery } from '@aws-sdk/client-dynamodb'
import { answered } from '../../answered.ts'
import { isMarkKey } from '../../suppression/erasure-mark.ts'
import { judge, type Verdict } from '../../suppression/judge.ts'
import { readItem, recordOf, type StoredItem } from '../../suppression/read-list.ts'
import type { SuppressionRules } from '../../suppression/rules.ts'
import { addressOf } from '../../suppression/stored-evidence.ts'

export type PageRequest = {
  /** The address after which the page begins. */
  readonly after: string | undefined
  readonly limit: number
  readonly matches: (verdict: Verdict) => boolean
}

export type ListPage = {
  readonly entries: readonly { readonly address: string; readonly verdict: Verdict }[]
  /** The address after which the next page begins; absent if there is none. */
  readonly next?: string
}

/** Items that one page reads, so that filters that match little do not make a request read a whole list. */
const maxItems = 2_000
const itemsAtOnce = 250

/** @param table the suppression list: partition key `project`, sort key `address` */
export async function readPage(
  dynamodb: DynamoDBClient,
  table: string,
  project: string,
  { after, limit, matches }: PageRequest,
  rules: SuppressionRules,
  now: Date,
): Promise<ListPage> {
  const pages = paginateQuery(
    { client: dynamodb, pageSize: itemsAtOnce },
    {
      TableName: table,
      KeyConditionExpression: `#project = :project${after === undefined ? '' : ' AND address > :last'}`,
      ExpressionAttributeNames: { '#project': 'project' },
      // A space sorts before every character of a domain: the items of an address are adjacent, and end before `ADDRESS ~`.
      ExpressionAttributeValues: {
        ':project': { S: project },
        ...(after !== undefined && { ':last': { S: `${after} ~` } }),
      },
      ConsistentRead: true,
    },
  )
  const entries: { address: string; verdict: Verdict }[] = []
  let group: { address: string; items: StoredItem[] } | undefined
  let read = 0
  /** Adds the address whose items are complete. */
  const close = () => {
    if (!group) return
    const verdict = judge(recordOf(group.items), rules, now)
    if (matches(verdict)) entries.push({ address: group.address, verdict })
  }
  for await (const { Items } of pages) {
    for (const item of answered(Items, 'Query: Items').map(readItem)) {
      const address = addressOf(item.address)
      read++
      if (isMarkKey(address)) continue
      if (group?.address === address) {
        group.items.push(item)
        continue
      }
      close()
      if (group && (entries.length >= limit || read > maxItems)) return { entries, next: group.address }
      group = { address, items: [item] }
    }
  }
  close()
  return { entries }
}
