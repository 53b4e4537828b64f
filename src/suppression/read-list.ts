/**
 * Reads the suppression list: one address or a whole project, as items, as records or with verdicts.
 */
import { type AttributeValue, type DynamoDBClient, paginateQuery } from '@aws-sdk/client-dynamodb'
import { answered } from '../answered.ts'
import { isMarkKey } from './erasure-mark.ts'
import { type AddressRecord, judge, type Verdict } from './judge.ts'
import type { SuppressionRules } from './rules.ts'
import { addressOf, decode } from './stored-evidence.ts'
import { type PastRuling, readHistory, readRuling } from './stored-ruling.ts'

export type Listed = { readonly address: string; readonly verdict: Verdict }

/** @param table the suppression list: partition key `project`, sort key `address` */
export function createListReader(dynamodb: DynamoDBClient, table: string) {
  // A space sorts before every character of a domain, so the items of an address are adjacent: no longer address sorts between them.
  const ofAddress = (address: string) => ({
    condition: ' AND address BETWEEN :first AND :last',
    values: { ':first': address, ':last': `${address} ~` },
  })
  const afterAddress = (address: string) => ({
    condition: ' AND address > :last',
    values: { ':last': `${address} ~` },
  })
  const everything = { condition: '', values: {} }

  async function* itemsOf(project: string, { condition, values }: Range): AsyncGenerator<StoredItem> {
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
    // Hashes of erased addresses are in the list, and are no addresses.
    for await (const { Items } of pages)
      yield* answered(Items, 'Query: Items')
        .map(readItem)
        .filter(({ address }) => !isMarkKey(address))
  }

  async function* records(project: string, range: Range): AsyncGenerator<[string, AddressRecord]> {
    let group: { address: string; items: StoredItem[] } | undefined
    for await (const item of itemsOf(project, range)) {
      const address = addressOf(item.address)
      if (group && group.address !== address) yield [group.address, recordOf(group.items)]
      group = { address, items: group?.address === address ? [...group.items, item] : [item] }
    }
    if (group) yield [group.address, recordOf(group.items)]
  }

  return {
    /** The verdict on an address. An address that the list does not have is clear. */
    async verdictOn(project: string, address: string, rules: SuppressionRules, now: Date): Promise<Verdict> {
      for await (const [, record] of records(project, ofAddress(address))) return judge(record, rules, now)
      return judge({ evidence: [] }, rules, now)
    },

    /** Every address of a project with evidence or a ruling, in order, with its verdict. */
    async *all(project: string, rules: SuppressionRules, now: Date): AsyncGenerator<Listed> {
      for await (const [address, record] of records(project, everything))
        yield { address, verdict: judge(record, rules, now) }
    },

    /** The items of one address. */
    itemsOf: (project: string, address: string): Promise<StoredItem[]> =>
      Array.fromAsync(itemsOf(project, ofAddress(address))),

    /** Every address of a project with its record, in order; with `after`, only the addresses after it. */
    records: (project: string, after?: string): AsyncGenerator<[string, AddressRecord]> =>
      records(project, after === undefined ? everything : afterAddress(after)),
  }
}

type Range = { readonly condition: string; readonly values: Readonly<Record<string, string>> }

/** The texts of an item by attribute, keys included. A set of texts is one text with a line for each. */
export type StoredItem = Readonly<Record<string, string>> & { readonly address: string }

export function readItem(raw: Record<string, AttributeValue>): StoredItem {
  const texts = Object.entries(raw).flatMap(([name, { S, SS }]) => {
    const text = S ?? SS?.join('\n')
    return text === undefined ? [] : [[name, text]]
  })
  return { address: '', ...Object.fromEntries(texts) }
}

/** The rulings of one address, oldest first. Before version 0.3 no history was kept: then these are the latest rulings of each kind. */
export function rulingsOf(items: readonly StoredItem[]): PastRuling[] {
  const history = items.flatMap(({ rulings }) => readHistory(rulings?.split('\n') ?? []))
  const { manual, reinstated } = recordOf(items)
  const latest = [
    ...(manual ? [{ ...manual, decision: 'suppress' as const }] : []),
    ...(reinstated ? [{ ...reinstated, decision: 'reinstate' as const }] : []),
  ].filter(({ at, decision }) => !history.some((one) => one.decision === decision && one.at.getTime() === at.getTime()))
  return [...history, ...latest].sort((a, b) => a.at.getTime() - b.at.getTime())
}

/** The items of one address → its record. */
export function recordOf(items: readonly StoredItem[]): AddressRecord {
  const manual = items.map((item) => readRuling(item.manual)).find(Boolean)
  const reinstated = items.map((item) => readRuling(item.reinstated)).find(Boolean)
  return {
    evidence: items.flatMap((item) => Object.entries(item).flatMap(([name, text]) => decode(name, text) ?? [])),
    ...(manual && { manual }),
    ...(reinstated && { reinstated }),
  }
}

const strings = (values: Readonly<Record<string, string>>): Record<string, AttributeValue> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { S: value }]))
