/** Requests and answers of the routes about templates. */
import * as v from 'valibot'
import { oneLine } from '../one-line.ts'

/** SES accepts 64 characters, of which the project takes a part (template-name.ts). */
export const TemplateName = v.pipe(
  v.string('is missing'),
  v.regex(
    /^[A-Za-z0-9][A-Za-z0-9_-]{0,55}$/,
    'must be 1 to 56 of A-Z, a-z, 0-9, "_" and "-", and begin with neither sign',
  ),
)

const Body = v.pipe(v.string(), v.maxLength(500_000, 'must have 500,000 characters at most'))
const Subject = v.pipe(oneLine(998), v.description('With attributes in the syntax of Handlebars, as text and html'))

export const TemplateContent = v.strictObject({
  subject: Subject,
  text: v.optional(Body),
  html: v.optional(v.pipe(Body, v.description('SES does not escape values for HTML'))),
})

export const TemplateAnswer = v.strictObject({ template: v.string(), ...TemplateContent.entries })

export const NoInput = v.strictObject({})

export const PutTemplateAnswer = v.strictObject({
  template: v.string(),
  outcome: v.picklist(['created', 'changed']),
})

export const DeleteTemplateAnswer = v.strictObject({ template: v.string(), outcome: v.literal('deleted') })

export const PageQuery = v.strictObject({
  cursor: v.optional(v.pipe(v.string(), v.maxLength(4_096), v.description('`next` of the page before'))),
})

export const ListTemplatesAnswer = v.strictObject({
  templates: v.array(
    v.strictObject({ template: v.string(), createdAt: v.optional(v.pipe(v.string(), v.isoTimestamp())) }),
  ),
  next: v.optional(v.pipe(v.string(), v.description('Absent on the last page'))),
})

export const RenderRequest = v.strictObject({
  data: v.pipe(v.record(v.string(), v.unknown()), v.description('Values of the attributes of the template')),
})

export const RenderAnswer = v.strictObject({
  template: v.string(),
  message: v.pipe(v.string(), v.description('The message in MIME, as SES renders it. It is not sent')),
})
