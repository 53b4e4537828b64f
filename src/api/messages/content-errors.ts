/** What the schema of a message cannot say: which fields belong together. Pure. */
import type { Message } from '../../sending/message.ts'
import { recipientsOf } from '../../sending/message.ts'
import type { FieldError } from '../problem.ts'

/** SES accepts no more: https://docs.aws.amazon.com/ses/latest/dg/quotas.html */
const maxRecipients = 50

const maxData = 262_144

/** Content in the request has simple substitution only. */
const isSimple = (value: unknown) => ['string', 'number', 'boolean'].includes(typeof value)

/** A name as a part of a JSON Pointer. It is cut, because the caller chose it. */
const pointed = (name: string) => name.slice(0, 64).replaceAll('~', '~0').replaceAll('/', '~1')

/** SES sets these itself: https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_MessageHeader.html */
const reserved =
  /^(bcc|cc|content-disposition|content-type|date|from|message-id|mime-version|reply-to|return-path|subject|to)$/i

/** @param prefix the pointer of the message in the request */
export function contentErrorsOf(message: Message, prefix: string): FieldError[] {
  const { subject, text, html, raw, template, data, attachments, headers, unsubscribeUrl } = message
  const errors: FieldError[] = []
  const add = (field: string, detail: string) => errors.push({ pointer: `${prefix}/${field}`, detail })
  if (recipientsOf(message).length > maxRecipients)
    add('to', `must not have more than ${maxRecipients} recipients together with cc and bcc`)
  const refuse = (others: object, by: string) => {
    for (const [field, value] of Object.entries(others))
      if (value !== undefined) add(field, `cannot be combined with ${by}, which contains it`)
  }
  if (raw !== undefined) refuse({ subject, text, html, template, data, attachments, headers, unsubscribeUrl }, 'raw')
  else if (template !== undefined) refuse({ subject, text, html }, 'template')
  else {
    if (subject === undefined) add('subject', 'is missing')
    if (text === undefined && html === undefined) add('text', 'is missing: a message has text, html or both')
    for (const [name, value] of Object.entries(data ?? {}))
      if (!isSimple(value)) add(`data/${pointed(name)}`, 'must be a text, a number or a boolean without a template')
  }
  if (data !== undefined && JSON.stringify(data).length > maxData)
    add('data', `must have ${maxData} characters at most as JSON`)
  if (unsubscribeUrl !== undefined && headers?.some(({ name }) => /^list-unsubscribe/i.test(name)))
    add('headers', 'cannot have List-Unsubscribe together with unsubscribeUrl')
  for (const [index, { name }] of (headers ?? []).entries())
    if (reserved.test(name)) add(`headers/${index}/name`, 'must be the name of a header that SES does not set itself')
  return errors
}
