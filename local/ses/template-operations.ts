/** Stored templates: subject, text and HTML with attributes, which SES replaces for each mail. */
import * as v from 'valibot'
import { AwsError, type ServiceCall, type ServiceOperation } from '../service.ts'
import { readInput } from '../wire/input.ts'
import type { SesAccount, SesTemplate } from './account.ts'
import { MissingAttributeError, renderTemplate } from './handlebars.ts'
import { parseTemplate, TemplateSyntaxError } from './handlebars-syntax.ts'
import { pageOf, paging } from './paging.ts'
import { findTemplate, templateDataOf } from './template.ts'

const byName = v.object({ TemplateName: v.pipe(v.string(), v.regex(/^[\w-]{1,64}$/)) })
const part = v.optional(v.string(), '')
const content = v.object({
  ...byName.entries,
  TemplateContent: v.object({ Subject: part, Text: part, Html: part }),
})
const render = v.object({ ...byName.entries, TemplateData: v.string() })
const list = v.object({
  NextToken: paging.NextToken,
  PageSize: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(100)), 10),
})

/** SES's quotas. */
const maxTemplates = 20_000
const maxBytes = 512_000

export function templateOperations(accountOf: (call: ServiceCall) => SesAccount): Record<string, ServiceOperation> {
  const nameIn = (call: ServiceCall) => readInput(byName, call, 'BadRequestException').TemplateName

  const templateIn = (call: ServiceCall): { name: string; template: SesTemplate } => {
    const { TemplateName: name, TemplateContent } = readInput(content, call, 'BadRequestException')
    const { Subject: subject, Text: text, Html: html } = TemplateContent
    if (subject === '' || (text === '' && html === ''))
      throw badRequest('The template must have a subject, and a text or an HTML part.')
    if (Buffer.byteLength(subject + text + html) > maxBytes) throw badRequest('The template is too large.')
    try {
      for (const one of [subject, text, html]) parseTemplate(one)
    } catch (error) {
      if (error instanceof TemplateSyntaxError) throw badRequest(`The template is not valid: ${error.message}.`)
      throw error
    }
    return { name, template: { subject, text, html, at: call.at } }
  }

  return {
    CreateEmailTemplate(call) {
      const { templates } = accountOf(call)
      const { name, template } = templateIn(call)
      if (templates.has(name)) throw new AwsError('AlreadyExistsException', `Template ${name} already exists.`)
      if (templates.size >= maxTemplates)
        throw new AwsError('LimitExceededException', 'The account has too many templates.')
      templates.set(name, template)
      return {}
    },
    GetEmailTemplate(call) {
      const name = nameIn(call)
      const { subject, text, html } = findTemplate(accountOf(call), name)
      return {
        TemplateName: name,
        TemplateContent: { Subject: subject, ...(text !== '' && { Text: text }), ...(html !== '' && { Html: html }) },
      }
    },
    UpdateEmailTemplate(call) {
      const account = accountOf(call)
      const { name, template } = templateIn(call)
      const { at } = findTemplate(account, name)
      account.templates.set(name, { ...template, at })
      return {}
    },
    /** Deletes nothing, without an error, if there is no such template. */
    DeleteEmailTemplate(call) {
      accountOf(call).templates.delete(nameIn(call))
      return {}
    },
    ListEmailTemplates(call) {
      const input = readInput(list, call, 'BadRequestException')
      const { page, next } = pageOf([...accountOf(call).templates], ([name]) => name, input)
      return {
        TemplatesMetadata: page.map(([TemplateName, { at }]) => ({ TemplateName, CreatedTimestamp: at })),
        ...next,
      }
    },
    TestRenderEmailTemplate(call) {
      const { TemplateName, TemplateData } = readInput(render, call, 'BadRequestException')
      const template = findTemplate(accountOf(call), TemplateName)
      const data = templateDataOf(TemplateData)
      try {
        return { RenderedTemplate: mimeOf(template, data, call.at) }
      } catch (error) {
        if (error instanceof MissingAttributeError) throw badRequest(error.message)
        throw error
      }
    },
  }
}

/** The message as TestRenderEmailTemplate returns it. */
function mimeOf({ subject, text, html }: SesTemplate, data: unknown, at: Date): string {
  const boundary = '----=_Part_0_1.1'
  const parts = [
    ['text/plain', text],
    ['text/html', html],
  ].flatMap(([type, part = '']) =>
    part === ''
      ? []
      : [
          `--${boundary}`,
          `Content-Type: ${type}; charset=UTF-8`,
          'Content-Transfer-Encoding: 8bit',
          '',
          renderTemplate(part, data),
          '',
        ],
  )
  return [
    `Date: ${at.toISOString()}`,
    `Subject: ${renderTemplate(subject, data)}`,
    'MIME-Version: 1.0',
    `Content-Type: multipart/alternative; boundary="${boundary}"`,
    '',
    ...parts,
    `--${boundary}--`,
    '',
  ].join('\r\n')
}

const badRequest = (message: string): AwsError => new AwsError('BadRequestException', message)
