/** The suppression list of the project: list, look up, suppress, reinstate, import. */
import { randomUUID } from 'node:crypto'
import { type Connection, sendRequest } from './request.ts'

export type SuppressionReason = 'complaint' | 'hard bounce' | 'manual' | 'soft bounces'

export type Suppression = {
  readonly address: string
  readonly state: 'suppressed' | 'clear'
  readonly reason?: SuppressionReason
  readonly since?: string
  readonly until?: string
}

export type SuppressionDetails = Omit<Suppression, 'reason'> & {
  /** `erased`: the person asked to be forgotten, and only a hash of the address is kept, which refuses mail. */
  readonly reason?: SuppressionReason | 'erased'
  readonly uncertain?: boolean
  readonly evidence: readonly {
    readonly kind: string
    readonly at: string
    readonly cause: string
    readonly status?: string
    readonly diagnostic?: string
  }[]
  readonly history: readonly {
    readonly decision: 'suppress' | 'reinstate'
    readonly at: string
    readonly by: string
    readonly why: string
  }[]
}

export type RulingOutcome = {
  readonly address: string
  readonly outcome:
    | 'recorded'
    | 'ignored: a newer ruling stands'
    | 'refused: not an address'
    | 'refused: not a date of a suppression'
}

export type ListFilters = {
  readonly reason?: SuppressionReason
  /** Suppressed since this time or later. */
  readonly since?: Date
  /** `suppressed` if absent. */
  readonly state?: 'suppressed' | 'clear' | 'all'
}

export type RulingOptions = {
  /** The reason of the ruling, which is stored with it. */
  readonly why: string
  /** The same key rules once. One is made if absent. */
  readonly idempotencyKey?: string
}

export type ImportOptions = { readonly source: string; readonly idempotencyKey?: string }
export type ImportRow = {
  readonly address: string
  readonly why?: string
  /** What the other system says. With it, newer reinstatements win, and importing twice changes nothing. */
  readonly cause?: 'hard bounce' | 'complaint' | 'unsubscribe' | 'manual' | 'soft bounce' | 'block'
  /** Since when, in ISO 8601. A row with `cause` and without it never overrules a ruling. */
  readonly at?: string
  /** When the suppression ends by itself, in ISO 8601. */
  readonly until?: string
}

type Answers = {
  list: { readonly entries: readonly Suppression[]; readonly next?: string }
  lookup: SuppressionDetails
  ruling: { readonly outcomes: readonly RulingOutcome[] }
}

/** @param read checks that an answer is what the API promises */
export function createSuppressions(connection: Connection) {
  const rule = async (
    act: 'suppress' | 'reinstate' | 'import',
    body: object,
    idempotencyKey: string = randomUUID(),
  ): Promise<readonly RulingOutcome[]> => {
    const answer = await sendRequest(connection, { method: 'POST', path: `/suppressions/${act}`, body, idempotencyKey })
    return readAnswer<Answers['ruling']>(answer.body, 'outcomes').outcomes
  }

  return {
    /** Every entry that matches, page by page as they are needed. */
    async *list({ reason, since, state }: ListFilters = {}): AsyncGenerator<Suppression> {
      let cursor: string | undefined
      do {
        const query = { limit: '100', reason, since: since?.toISOString(), state, cursor }
        const { body } = await sendRequest(connection, { method: 'GET', path: '/suppressions', query, isRead: true })
        const page = readAnswer<Answers['list']>(body, 'entries')
        yield* page.entries
        cursor = page.next
      } while (cursor !== undefined)
    },

    /** Verdict, evidence and rulings of one address. */
    async lookup(address: string): Promise<SuppressionDetails> {
      const call = { method: 'POST', path: '/suppressions/lookup', body: { address }, isRead: true } as const
      return readAnswer<Answers['lookup']>((await sendRequest(connection, call)).body, 'evidence')
    },

    /** No mail is sent to the addresses until they are reinstated. Up to 100. */
    suppress: (addresses: readonly string[], { why, idempotencyKey }: RulingOptions) =>
      rule('suppress', { addresses, why }, idempotencyKey),

    /** The evidence and rulings so far no longer count. Up to 100 addresses. */
    reinstate: (addresses: readonly string[], { why, idempotencyKey }: RulingOptions) =>
      rule('reinstate', { addresses, why }, idempotencyKey),

    /** Suppresses up to 1,000 addresses of another system. */
    import: (rows: readonly ImportRow[], { source, idempotencyKey }: ImportOptions) =>
      rule('import', { source, rows }, idempotencyKey),
  }
}

/** The answer, if it has the list that the route promises. The API answers by the schemas in docs/api.md. */
export function readAnswer<Answer>(body: unknown, list: keyof Answer & string): Answer {
  if (isAnswer<Answer>(body, list)) return body
  throw new UnexpectedAnswerError(list)
}

/** The answer, if it has the field that the route promises. */
export function readObject<Answer>(body: unknown, field: keyof Answer & string): Answer {
  if (hasField<Answer>(body, field)) return body
  throw new UnexpectedAnswerError(field)
}

const hasField = <Answer>(body: unknown, field: string): body is Answer =>
  typeof body === 'object' && body !== null && Object.hasOwn(body, field)

const isAnswer = <Answer>(body: unknown, list: string): body is Answer =>
  typeof body === 'object' && body !== null && Array.isArray(Object.entries(body).find(([name]) => name === list)?.[1])

/** The endpoint answers something else than Sesame does. */
class UnexpectedAnswerError extends Error {
  override readonly name = 'UnexpectedAnswerError'
  readonly retryable = false
  readonly field: string

  constructor(field: string) {
    super(`The answer has no ${field}: check that the endpoint is the HTTP API of Sesame`)
    this.field = field
  }
}
