/**
 * A Nodemailer transport that sends by Sesame: it asks about each recipient first, and sends once.
 *
 *     const mailer = nodemailer.createTransport(createTransport(createSesame({ project: 'acme' })))
 *
 * Nodemailer composes the message, so everything that it supports is sent, of up to 3 MB.
 * https://nodemailer.com/plugins/create
 */
import { createHash, randomUUID } from 'node:crypto'
import type { Sesame } from './client.ts'
import type { SendOutcome } from './messages.ts'

/** The part of a mail that Nodemailer gives to a transport. */
export type NodemailerMail = {
  readonly message: {
    getEnvelope(): { readonly from: string | false; readonly to: readonly string[] }
    build(callback: (error: Error | null, message: Buffer) => void): void
  }
  readonly data: { readonly headers?: unknown; readonly [option: string]: unknown }
}

/** What the promise of `sendMail` resolves to. */
export type NodemailerInfo = {
  readonly messageId: string
  readonly envelope: { readonly from: string; readonly to: readonly string[] }
  /** Recipients whose mail SES accepted. */
  readonly accepted: readonly string[]
  /** Recipients that Sesame refused. */
  readonly rejected: readonly string[]
  /** Recipients of whom nobody knows. */
  readonly pending: readonly string[]
  readonly outcomes: readonly SendOutcome[]
}

type Callback = (error: Error | null, info?: NodemailerInfo) => void

/** @returns a transport for `nodemailer.createTransport`. The option `idempotencyKey` of a mail is its key */
export function createTransport(sesame: Pick<Sesame, 'send'>) {
  return {
    name: 'sesame',
    version: '1',
    send(mail: NodemailerMail, callback: Callback): void {
      sendMail(sesame, mail).then(
        (info) => callback(null, info),
        (error: Error) => callback(error),
      )
    },
  }
}

/**
 * The message without what Nodemailer makes up each time, so that the same mail is the same request: SES sets Message-ID and Date itself, and
 * the boundaries of the parts get a name that follows from the message.
 */
function withoutChance(raw: Buffer): Buffer {
  // Latin 1 keeps every byte.
  const text = raw.toString('latin1')
  const end = text.indexOf('\r\n\r\n')
  const headers = text.slice(0, end + 2).replaceAll(/^(?:Message-ID|Date):.*\r\n(?:[ \t].*\r\n)*/gim, '')
  const message = headers + text.slice(end + 2)
  const [, chance] = /boundary="--_NmP-([0-9a-f]+)-Part_/.exec(message) ?? []
  if (chance === undefined) return Buffer.from(message, 'latin1')
  const named = message.replaceAll(chance, '')
  const name = createHash('sha256').update(named).digest('hex').slice(0, chance.length)
  return Buffer.from(message.replaceAll(chance, name), 'latin1')
}

async function sendMail(sesame: Pick<Sesame, 'send'>, { message, data }: NodemailerMail): Promise<NodemailerInfo> {
  const { from, to } = message.getEnvelope()
  const envelope = { from: from || '', to }
  const raw = await new Promise<Buffer>((resolve, reject) => {
    message.build((error, built) => (error ? reject(error) : resolve(built)))
  })
  const idempotencyKey = typeof data.idempotencyKey === 'string' ? data.idempotencyKey : randomUUID()
  const sent = await sesame.send(
    { from: envelope.from, to: envelope.to, raw: withoutChance(raw).toString('base64') },
    { idempotencyKey },
  )
  const of = (state: SendOutcome['state']) =>
    sent.outcomes.flatMap((outcome) => (outcome.state === state ? [outcome.recipient] : []))
  return {
    messageId: sent.outcomes.find(({ messageId }) => messageId !== undefined)?.messageId ?? '',
    envelope,
    accepted: of('sent'),
    rejected: of('refused'),
    pending: of('unknown'),
    outcomes: sent.outcomes,
  }
}
