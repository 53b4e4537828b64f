/**
 * Reads the suppression list: an address with its verdict, or a whole project.
 */
import { type AttributeValue, type DynamoDBClient, paginateQuery } from '@aws-sdk/client-dynamodb'
import { type AddressRecord, judge, type Ruling, type Verdict } from './judge.ts'
import type { SuppressionRules } from './rules.ts'
import { addressOf, decode } from './stored-evidence.ts'

export type Listed = { readonly address: string; readonly verdict: Verdict }

/** @param table the suppression list: partition key `project`, sort key `address` */
export function createListReader(dynamodb: DynamoDBClient, table: string) {
  // A space sorts before every character of a domain: so an address and its weeks stand together, and no longer address between.
  const ofAddress = (address: string) => ({
    condition: ' AND address BETWEEN :first AND :last',
    values: { ':first': address, ':last': `${address} ~` },
  })
  const afterAddress = (address: string) => ({
    condition: ' AND address > :last',
    values: { ':last': `${address} ~` },
  })
  const everything = { condition: '', values: {} }

  async function* itemsOf(project: string, { condition, values }: Which): AsyncGenerator<StoredItem> {
    const pages = paginateQuery(
      { client: dynamodb },
      {
        TableName: table,
        KeyConditionExpression: `#project = :project${condition}`,
        ExpressionAttributeNames: { '#project': 'project' },
        ExpressionAttributeValues: { ':project': { S: project }, ...strings(values) },
        ConsistentRead: true,
      },
    )
    for await (const { Items = [] } of pages) yield* Items.map(readItem)
  }

  async function* records(project: string, which: Which): AsyncGenerator<[string, AddressRecord]> {
    let group: { address: string; items: StoredItem[] } | undefined
    for await (const item of itemsOf(project, which)) {
      const about = addressOf(item.address)
      if (group && group.address !== about) yield [group.address, recordOf(group.items)]
      group =
        group?.address === about ? { address: about, items: [...group.items, item] } : { address: about, items: [item] }
    }
    if (group) yield [group.address, recordOf(group.items)]
  }

  return {
    /** What all evidence about an address adds up to. An address that nobody heard of is clear. */
    async verdictOn(project: string, address: string, rules: SuppressionRules, now: Date): Promise<Verdict> {
      for await (const [, record] of records(project, ofAddress(address))) return judge(record, rules, now)
      return judge({ evidence: [] }, rules, now)
    },

    /** Every address of a project that there is evidence or a ruling about, in order. */
    async *all(project: string, rules: SuppressionRules, now: Date): AsyncGenerator<Listed> {
      for await (const [address, record] of records(project, everything))
        yield { address, verdict: judge(record, rules, now) }
    },

    /** What is stored about one address, item by item. */
    itemsOf: (project: string, address: string): Promise<StoredItem[]> =>
      Array.fromAsync(itemsOf(project, ofAddress(address))),

    /** Every address and all that is known of it, in order; those after `after` alone, if it is given. */
    records: (project: string, after?: string): AsyncGenerator<[string, AddressRecord]> =>
      records(project, after === undefined ? everything : afterAddress(after)),
  }
}

type Which = { readonly condition: string; readonly values: Readonly<Record<string, string>> }

/** An item's texts by attribute, its keys among them. */
export type StoredItem = Readonly<Record<string, string>> & { readonly address: string }

export function readItem(raw: Record<string, AttributeValue>): StoredItem {
  const texts = Object.entries(raw).flatMap(([name, value]) => (value.S === undefined ? [] : [[name, value.S]]))
  return { address: '', ...Object.fromEntries(texts) }
}

/** All that the items of one address tell of it. */
export function recordOf(items: readonly StoredItem[]): AddressRecord {
  const manual = items.map((item) => rulingIn(item.manual)).find(Boolean)
  const reinstated = items.map((item) => rulingIn(item.reinstated)).find(Boolean)
  return {
    evidence: items.flatMap((item) => Object.entries(item).flatMap(([name, text]) => decode(name, text) ?? [])),
    ...(manual && { manual }),
    ...(reinstated && { reinstated }),
  }
}

/** `2026-03-01T10:00:00.000Z alice asked for it by phone` */
function rulingIn(text: string | undefined): Ruling | undefined {
  const [time, by, ...why] = text?.split(' ') ?? []
  return time && by ? { at: new Date(time), by, why: why.join(' ') } : undefined
}

const strings = (values: Readonly<Record<string, string>>): Record<string, AttributeValue> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { S: value }]))
