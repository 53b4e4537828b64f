/** Renders the template of a mail: a stored one with all of Handlebars, one in the request with simple substitution only. */
import * as v from 'valibot'
import { AwsError } from '../service.ts'
import { tryParseJson } from '../wire/input.ts'
import type { SesAccount, SesTemplate } from './account.ts'
import { MissingAttributeError, renderTemplate } from './handlebars.ts'
import { parseTemplate, TemplateSyntaxError } from './handlebars-syntax.ts'

export type TemplateInput = {
  readonly TemplateName?: string | undefined
  readonly TemplateArn?: string | undefined
  readonly TemplateContent?: { readonly Subject: string; readonly Text: string; readonly Html: string } | undefined
  readonly TemplateData: string
}

export type Rendered = {
  readonly subject: string
  readonly body: string
  /** Set when the data lacks an attribute of the template. SES then sends nothing, and tells it by an event. */
  readonly failure?: { readonly errorMessage: string; readonly templateName: string }
}

/** @throws AwsError NotFoundException */
export function findTemplate(account: SesAccount, name: string): SesTemplate {
  const template = account.templates.get(name)
  if (template) return template
  throw new AwsError('NotFoundException', `Template ${name} does not exist`, 404)
}

/** SES's quota, in characters. */
const maxData = 262_144

/** @throws AwsError BadRequestException */
export function templateDataOf(text: string): Record<string, unknown> {
  const { success, output } = v.safeParse(v.record(v.string(), v.unknown()), tryParseJson(text))
  if (success && !Array.isArray(output) && text.length <= maxData) return output
  throw new AwsError('BadRequestException', 'TemplateData is not a JSON object, or is too long.')
}

/** @throws AwsError BadRequestException | NotFoundException */
export function renderMail(input: TemplateInput, account: SesAccount): Rendered {
  const { TemplateContent: inline } = input
  const templateName = input.TemplateName ?? input.TemplateArn?.split('template/').at(-1) ?? 'inline template'
  if (inline) requireSimple([inline.Subject, inline.Text, inline.Html])
  const { subject, text, html } = inline
    ? { subject: inline.Subject, text: inline.Text, html: inline.Html }
    : findTemplate(account, templateName)
  const data = templateDataOf(input.TemplateData)
  try {
    return { subject: renderTemplate(subject, data), body: renderTemplate(text, data) + renderTemplate(html, data) }
  } catch (error) {
    if (!(error instanceof MissingAttributeError)) throw error
    return { subject: '', body: '', failure: { errorMessage: error.message, templateName } }
  }
}

/** @throws AwsError BadRequestException */
function requireSimple(parts: readonly string[]): void {
  const isSimple = (text: string) => parseTemplate(text).every(({ kind }) => kind === 'text' || kind === 'value')
  try {
    if (parts.every(isSimple)) return
  } catch (error) {
    if (!(error instanceof TemplateSyntaxError)) throw error
  }
  throw new AwsError('BadRequestException', 'Template contains unsupported operations')
}
