/** Sends messages: one, or up to 50 at once. */
import { randomUUID } from 'node:crypto'
import { type Connection, sendRequest } from './request.ts'
import { readAnswer, type SuppressionReason } from './suppressions.ts'

export type RefusalReason =
  | SuppressionReason
  | 'erased'
  | 'not an address'
  | 'list unreadable'
  | 'project paused'
  | 'project quarantined'
  | 'project held'

/** The fields are those of docs/api.md. Give subject and text, html or both; or a template; or raw. */
export type Message = {
  readonly from: string
  readonly to: readonly string[]
  readonly cc?: readonly string[]
  readonly bcc?: readonly string[]
  readonly replyTo?: readonly string[]
  readonly subject?: string
  readonly text?: string
  readonly html?: string
  /** A complete message of RFC 5322 in Base64. */
  readonly raw?: string
  /** A stored template of the project. */
  readonly template?: string
  /** Values for the attributes of the template; or texts, numbers and booleans for `{{name}}` in subject, text and html. */
  readonly data?: Readonly<Record<string, unknown>>
  readonly attachments?: readonly {
    readonly filename: string
    /** Base64. */
    readonly content: string
    readonly contentType?: string
    readonly contentId?: string
  }[]
  readonly headers?: readonly { readonly name: string; readonly value: string }[]
  readonly tags?: readonly { readonly name: string; readonly value: string }[]
  /** An https URL that unsubscribes by POST. */
  readonly unsubscribeUrl?: string
  /** Whether SES tracks opens and clicks of this message. */
  readonly tracking?: { readonly opens?: boolean; readonly clicks?: boolean }
  readonly tenant?: string
}

export type SendOutcome = {
  /** As it was given. */
  readonly recipient: string
  /**
   * `unknown`: SES did not answer. The mail may have been sent, and is not sent again. Later, the same request with the same key says whether it was:
   * `sent`, or `not accepted`, which is safe to send again with a new key.
   */
  readonly state: 'sent' | 'refused' | 'unknown' | 'not accepted'
  readonly messageId?: string
  readonly reason?: RefusalReason
  readonly since?: string
  readonly until?: string
  readonly detail?: string
}

export type SendResult = {
  /** The tag `sesame-attempt` of the events of the mail. */
  readonly attempt: string
  /** One for each recipient, in the order to, cc, bcc. */
  readonly outcomes: readonly SendOutcome[]
  /** The answer of an earlier request with the same key. */
  readonly isReplayed: boolean
}

/** A message of a batch: its outcomes, or why it was not sent. */
export type BatchEntry = {
  readonly attempt?: string
  readonly outcomes?: readonly SendOutcome[]
  readonly problem?: {
    readonly type: string
    readonly status: number
    readonly detail: string
    readonly remedy: string
  }
}

export type SendOptions = {
  /** The same key sends once. One is made if absent. */
  readonly idempotencyKey?: string
}

export function createMessages(connection: Connection) {
  const post = (path: string, body: object, { idempotencyKey = randomUUID() }: SendOptions) =>
    sendRequest(connection, { method: 'POST', path, body, idempotencyKey })

  return {
    /** Sends a message to the recipients that may be mailed. @throws SesameError if it was not sent at all */
    async send(message: Message, options: SendOptions = {}): Promise<SendResult> {
      const { body, isReplayed } = await post('/messages', message, options)
      return { ...readAnswer<Omit<SendResult, 'isReplayed'>>(body, 'outcomes'), isReplayed }
    },

    /** Sends up to 50 messages. One entry for each, in the same order. */
    async sendBatch(messages: readonly Message[], options: SendOptions = {}): Promise<readonly BatchEntry[]> {
      const { body } = await post('/messages/batch', { messages }, options)
      return readAnswer<{ readonly entries: readonly BatchEntry[] }>(body, 'entries').entries
    },
  }
}
