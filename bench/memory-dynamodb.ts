/**
 * DynamoDB in memory for benchmarks that need a million items, in the process of the caller. It serves the requests of `record-activity` and
 * `seal-counts`, counts their units, and fails on request. The embedded AWS has the complete semantics and enforces the roles, and is too slow here.
 */
import type { WireHandler } from '../local/wire/handler.ts'

type Value = { readonly S?: string; readonly N?: string }
type Item = Readonly<Record<string, Value>>
type Request = {
  readonly TableName: string
  readonly Item?: Item
  readonly Key?: Item
  readonly ConditionExpression?: string
  readonly UpdateExpression?: string
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>>
  readonly ExpressionAttributeValues?: Item
  readonly ConsistentRead?: boolean
  readonly ExclusiveStartKey?: Item
}

/** Sort key → item as JSON. */
type Partition = Map<string, string>

const pageBytes = 1_000_000
const refused = 'com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException'

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html */
const bytesOf = (item: Item) =>
  Object.entries(item).reduce(
    (sum, [name, { S = '', N = '' }]) =>
      sum + name.length + Buffer.byteLength(S) + (N ? Math.ceil(N.length / 2) + 1 : 0),
    0,
  )
const writeUnitsOf = (item: Item) => Math.max(1, Math.ceil(bytesOf(item) / 1_024))

/**
 * @param keys table → its partition key and its sort key
 * @param indexKey attribute of an index: an item with it costs a write more
 */
export function createMemoryDynamodb(keys: Readonly<Record<string, readonly [string, string]>>, indexKey: string) {
  const tables = new Map<string, Map<string, Partition>>()
  const units = { requests: 0, writes: 0, indexWrites: 0, reads: 0 }
  let requestsUntilCrash = Number.POSITIVE_INFINITY

  function partitionOf({ TableName: table }: Request, key: string): Partition {
    const partitions = tables.get(table) ?? new Map<string, Partition>()
    const partition = partitions.get(key) ?? new Map<string, string>()
    tables.set(table, partitions.set(key, partition))
    return partition
  }
  function stored(request: Request, key: Item) {
    const [hash = '', sort = ''] = keys[request.TableName] ?? []
    const partition = partitionOf(request, key[hash]?.S ?? '')
    const name = key[sort]?.S ?? ''
    const text = partition.get(name)
    return { partition, name, item: text === undefined ? undefined : itemIn(text) }
  }

  function put(
    request: Request,
    key: Item,
    next: (item: Item | undefined) => Item | undefined,
  ): object | typeof refused {
    const { partition, name, item } = stored(request, key)
    if (!isMet(item, request)) return refused
    const after = next(item)
    units.writes += writeUnitsOf(after ?? item ?? {})
    if (after?.[indexKey]) units.indexWrites += 1
    if (after === undefined) partition.delete(name)
    else partition.set(name, JSON.stringify(after))
    return {}
  }

  function query(request: Request): object {
    const { ExpressionAttributeValues: values = {}, ExclusiveStartKey: after } = request
    const [hash = '', sort = ''] = keys[request.TableName] ?? []
    const [first = '', from, to = from] = Object.values(values).map(({ S = '' }) => S)
    const partition = partitionOf(request, first)
    // A condition on the sort key is equality or BETWEEN; its values follow that of the partition key.
    const isWanted = (name: string) => from === undefined || to === undefined || (name >= from && name <= to)
    const names = [...partition.keys()].filter(isWanted).sort()
    const Items: Item[] = []
    let bytes = 0
    for (const name of names) {
      if (after && name <= (after[sort]?.S ?? '')) continue
      const item = itemIn(partition.get(name) ?? '{}')
      Items.push(item)
      bytes += bytesOf(item)
      if (bytes >= pageBytes) break
    }
    units.reads += Math.max(1, Math.ceil(bytes / 4_096)) * (request.ConsistentRead ? 1 : 0.5)
    const last = Items.at(-1)
    const isPage = bytes >= pageBytes && last !== undefined && names.at(-1) !== last[sort]?.S
    return {
      Items,
      Count: Items.length,
      ...(isPage && { LastEvaluatedKey: { [hash]: last[hash], [sort]: last[sort] } }),
    }
  }

  function answer(operation: string, request: Request): object | typeof refused {
    const { Item: item, Key: key = {} } = request
    if (operation === 'Query') return query(request)
    if (operation === 'PutItem' && item) return put(request, item, () => item)
    if (operation === 'UpdateItem') return put(request, key, (before = key) => updated(before, request))
    if (operation === 'DeleteItem') return put(request, key, () => undefined)
    throw new Error(`The memory table does not serve ${operation}`)
  }

  const handle: WireHandler = async ({ headers, body }) => {
    units.requests++
    // What a crash interrupts has been stored or not: here, it is stored every second time.
    const crashes = --requestsUntilCrash < 0
    const operation = String(headers['x-amz-target']).split('.')[1] ?? ''
    if (crashes && requestsUntilCrash % 2 === 0) throw new Error('The function has crashed')
    const answered = answer(operation, JSON.parse(Buffer.from(body).toString()))
    if (crashes) throw new Error('The function has crashed')
    const isRefused = answered === refused
    const text = JSON.stringify(isRefused ? { __type: refused } : answered)
    const type = { 'content-type': 'application/x-amz-json-1.0' }
    return { status: isRefused ? 400 : 200, headers: type, body: Buffer.from(text) }
  }

  return {
    handle,
    units,
    /** Every request fails after so many, until it is called without a number. */
    crashAfter: (requests = Number.POSITIVE_INFINITY) => {
      requestsUntilCrash = requests
    },
    put: (table: string, item: Item) => answer('PutItem', { TableName: table, Item: item }),
  }
}

function itemIn(text: string): Item {
  const item: Item = JSON.parse(text)
  return item
}

/** The conditions of the two functions. */
function isMet(
  item: Item | undefined,
  { ConditionExpression: condition, ExpressionAttributeValues: values = {} }: Request,
): boolean {
  if (condition === undefined) return true
  if (condition === 'markedAt = :markedAt') return item?.markedAt?.S === values[':markedAt']?.S
  if (condition === 'attribute_not_exists(revision) OR revision < :revision')
    return item?.revision === undefined || Number(item.revision.N) < Number(values[':revision']?.N)
  throw new Error(`The memory table does not know the condition ${condition}`)
}

/** The item after `ADD #a :a, … SET b = :b, …`. */
function updated(before: Item, request: Request): Item {
  const {
    UpdateExpression = '',
    ExpressionAttributeNames: names = {},
    ExpressionAttributeValues: values = {},
  } = request
  const [, adds = '', sets = ''] = /^ADD (.*) SET (.*)$/.exec(UpdateExpression) ?? []
  const after: Record<string, Value> = { ...before }
  for (const [placeholder = '', value = ''] of adds.split(', ').map((add) => add.split(' '))) {
    const name = names[placeholder] ?? placeholder
    after[name] = { N: String(Number(after[name]?.N ?? 0) + Number(values[value]?.N)) }
  }
  for (const [name = '', value = ''] of sets.split(', ').map((set) => set.split(' = ')))
    after[name] = values[value] ?? {}
  return after
}
