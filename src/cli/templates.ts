/**
 * `sesame templates list | show | put | delete | render`: stored templates of a project, by the HTTP API.
 */
import { readFile } from 'node:fs/promises'
import { type Command, InvalidArgumentError } from 'commander'
import * as v from 'valibot'
import type { CommandContext } from './command-context.ts'
import { confirmed, type OutputOptions, withOutputOption, withYesOption, type YesOption } from './common-options.ts'
import { type Column, printOne, printRows } from './output.ts'
import { UsageError } from './usage-error.ts'

type Listed = { readonly template: string; readonly createdAt?: string }
type Content = { readonly template: string; readonly subject: string; readonly text?: string; readonly html?: string }
type PutOptions = OutputOptions & { readonly subject: string; readonly text?: string; readonly html?: string }
type RenderOptions = OutputOptions & { readonly data: Readonly<Record<string, unknown>> }

const listColumns: readonly Column<Listed>[] = [
  ['template', ({ template }) => template],
  ['created', ({ createdAt }) => (createdAt === undefined ? undefined : new Date(createdAt))],
]
const contentColumns: readonly Column<Content>[] = [
  ['template', ({ template }) => template],
  ['subject', ({ subject }) => subject],
  ['text', ({ text }) => text],
  ['html', ({ html }) => html],
]

export function registerTemplates(program: Command, context: CommandContext): void {
  const templates = program.command('templates').description('manage the stored templates of a project')
  const of = async (project: string) => (await context.stack().api(project)).templates

  withOutputOption(templates.command('list <project>'))
    .description('list the templates of a project')
    .action(async (project: string, options: OutputOptions) => {
      const rows = await Array.fromAsync((await of(project)).list())
      const none = `Project ${project} has no template. Create one with sesame templates put ${project} NAME --subject …`
      await printRows(context, options, { columns: listColumns, rows, none })
    })

  withOutputOption(templates.command('show <project> <template>'))
    .description('show subject, text and HTML of a template')
    .action(async (project: string, template: string, options: OutputOptions) => {
      const row = await (await of(project)).get(template)
      await printOne(context, options, { columns: contentColumns, row, text: textOf(row) })
    })

  withOutputOption(templates.command('put <project> <template>'))
    .description('create or replace a template; its attributes have the syntax of Handlebars')
    .requiredOption('--subject <text>', 'subject, such as "Order {{order}} is on its way"')
    .option('--text <file>', 'file with the text')
    .option('--html <file>', 'file with the HTML')
    .action(async (project: string, template: string, { subject, text, html, ...options }: PutOptions) => {
      if (text === undefined && html === undefined) throw new UsageError('Give --text, --html or both')
      const content = {
        subject,
        ...(text !== undefined && { text: await readFile(text, 'utf8') }),
        ...(html !== undefined && { html: await readFile(html, 'utf8') }),
      }
      const row = await (await of(project)).put(template, content)
      const columns: readonly Column<typeof row>[] = [
        ['template', (one) => one.template],
        ['outcome', (one) => one.outcome],
      ]
      await printOne(context, options, { columns, row, text: `The template ${template} was ${row.outcome}` })
    })

  withOutputOption(templates.command('render <project> <template>'))
    .description('show the message that SES makes of a template and data, without sending it')
    .option('--data <json>', 'values of the attributes, as a JSON object', dataIn, {})
    .action(async (project: string, template: string, { data, ...options }: RenderOptions) => {
      const row = { template, message: await (await of(project)).render(template, data) }
      const columns: readonly Column<typeof row>[] = [
        ['template', (one) => one.template],
        ['message', (one) => one.message],
      ]
      await printOne(context, options, { columns, row, text: row.message.replaceAll('\r\n', '\n').trimEnd() })
    })

  withYesOption(templates.command('delete <project> <template>'))
    .description('delete a template')
    .action(async (project: string, template: string, options: YesOption) => {
      await confirmed(context, options, `The template ${template} of project ${project} will be deleted.`)
      await (await of(project)).delete(template)
      await context.print(`The template ${template} is deleted`)
    })
}

const textOf = ({ subject, text, html }: Content): string =>
  [`Subject: ${subject}`, ...(text === undefined ? [] : [text]), ...(html === undefined ? [] : [html])].join('\n\n')

/** A record alone would take a list for an object. */
const isNoList = v.custom<unknown>((value) => !Array.isArray(value))
const Data = v.pipe(v.string(), v.parseJson(), isNoList, v.record(v.string(), v.unknown()))

/** @throws InvalidArgumentError */
function dataIn(text: string): Record<string, unknown> {
  const { success, output } = v.safeParse(Data, text)
  if (success) return output
  throw new InvalidArgumentError('Give a JSON object.')
}
