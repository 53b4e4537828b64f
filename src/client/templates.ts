/** Stored templates of the project: list, get, put, delete, render. */
import { randomUUID } from 'node:crypto'
import { type Connection, sendRequest } from './request.ts'
import { readAnswer, readObject } from './suppressions.ts'

export type TemplateContent = {
  /** With attributes in the syntax of Handlebars, as text and html. */
  readonly subject: string
  readonly text?: string
  readonly html?: string
}

export type Template = TemplateContent & { readonly template: string }

/** The same key writes once. One is made if absent. */
export type TemplateOptions = { readonly idempotencyKey?: string }

type Page = {
  readonly templates: readonly { readonly template: string; readonly createdAt?: string }[]
  readonly next?: string
}

type PutAnswer = { readonly template: string; readonly outcome: 'created' | 'changed' }

export function createTemplates(connection: Connection) {
  const pathOf = (template: string, rest = '') => `/templates/${encodeURIComponent(template)}${rest}`

  return {
    /** Every template of the project, page by page as they are needed. */
    async *list(): AsyncGenerator<Page['templates'][number]> {
      let cursor: string | undefined
      do {
        const call = { method: 'GET', path: '/templates', query: { cursor }, isRead: true } as const
        const page = readAnswer<Page>((await sendRequest(connection, call)).body, 'templates')
        yield* page.templates
        cursor = page.next
      } while (cursor !== undefined)
    },

    async get(template: string): Promise<Template> {
      const { body } = await sendRequest(connection, { method: 'GET', path: pathOf(template), isRead: true })
      return readObject<Template>(body, 'template')
    },

    /** Creates or replaces a template. */
    async put(
      template: string,
      content: TemplateContent,
      { idempotencyKey = randomUUID() }: TemplateOptions = {},
    ): Promise<PutAnswer> {
      const call = { method: 'PUT', path: pathOf(template), body: content, idempotencyKey } as const
      return readObject<PutAnswer>((await sendRequest(connection, call)).body, 'outcome')
    },

    /** Deletes a template, if it exists. */
    async delete(template: string, { idempotencyKey = randomUUID() }: TemplateOptions = {}): Promise<void> {
      await sendRequest(connection, { method: 'DELETE', path: pathOf(template), idempotencyKey })
    },

    /** The message in MIME that SES makes of a template and data. It is not sent. */
    async render(template: string, data: Readonly<Record<string, unknown>>): Promise<string> {
      const call = { method: 'POST', path: pathOf(template, '/render'), body: { data }, isRead: true } as const
      return readObject<{ readonly message: string }>((await sendRequest(connection, call)).body, 'message').message
    },
  }
}
