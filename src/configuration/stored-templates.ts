/**
 * Stored templates of a project in its SES account. In SES, their names begin with the name of the project (template-name.ts), so a session
 * reaches the templates of its project only. SES accepts one of these calls per second and account.
 *
 * https://docs.aws.amazon.com/ses/latest/dg/send-personalized-email-api.html
 */
import {
  AlreadyExistsException,
  BadRequestException,
  CreateEmailTemplateCommand,
  DeleteEmailTemplateCommand,
  GetEmailTemplateCommand,
  ListEmailTemplatesCommand,
  NotFoundException,
  type SESv2Client,
  TestRenderEmailTemplateCommand,
  UpdateEmailTemplateCommand,
} from '@aws-sdk/client-sesv2'
import { sessionStatementsOf } from '../access/session/session-policy.ts'
import type { SessionCredentials, Sessions, SessionTarget } from '../access/session/sessions.ts'
import { answered } from '../answered.ts'
import { templateIn, templateNameOf } from '../projects/template-name.ts'
import { unlessMissing } from './unless-missing.ts'

export type TemplateContent = {
  readonly subject: string
  readonly text?: string | undefined
  readonly html?: string | undefined
}

export type TemplatePage = {
  readonly templates: readonly { readonly template: string; readonly createdAt?: Date }[]
  /** SES's token of the next page. */
  readonly next?: string
}

/** SES does not accept a template, or cannot render it. */
export type Refused = { readonly refused: string }

export type StoredTemplates = ReturnType<typeof createStoredTemplates>

const pageSize = 100

/** @param sesIn creates a client for a region with the credentials of a session */
export function createStoredTemplates(
  sessions: Pick<Sessions, 'use'>,
  sesIn: (region: string, credentials: SessionCredentials) => SESv2Client,
) {
  const call = <T>(target: SessionTarget, command: string, run: (ses: SESv2Client) => Promise<T>): Promise<T> =>
    sessions.use(
      target,
      { name: 'templates', seconds: 900, allow: sessionStatementsOf(target, [`ses:${command}`]) },
      (credentials) => run(sesIn(target.region, credentials)),
    )
  const inputOf = ({ project }: SessionTarget, template: string, content: TemplateContent) => ({
    TemplateName: templateNameOf(project, template),
    TemplateContent: { Subject: content.subject, Text: content.text, Html: content.html },
  })

  /** Idempotent: it replaces the content. */
  const update = (target: SessionTarget, template: string, content: TemplateContent) =>
    call(target, 'UpdateEmailTemplate', (ses) =>
      outcomeOf(ses.send(new UpdateEmailTemplateCommand(inputOf(target, template, content)))),
    )

  return {
    /** The templates of the project on one page of those of the account. A page may have none although there are more. */
    list: (target: SessionTarget, token: string | undefined): Promise<TemplatePage> =>
      call(target, 'ListEmailTemplates', async (ses) => {
        const { TemplatesMetadata, NextToken } = await ses.send(
          new ListEmailTemplatesCommand({ PageSize: pageSize, NextToken: token }),
        )
        const templates = answered(TemplatesMetadata, 'ListEmailTemplates: TemplatesMetadata').flatMap(
          ({ TemplateName = '', CreatedTimestamp: createdAt }) => {
            const template = templateIn(target.project, TemplateName)
            return template === undefined ? [] : [{ template, ...(createdAt && { createdAt }) }]
          },
        )
        return { templates, ...(NextToken && { next: NextToken }) }
      }),

    find: (target: SessionTarget, template: string): Promise<TemplateContent | undefined> =>
      call(target, 'GetEmailTemplate', async (ses) => {
        const TemplateName = templateNameOf(target.project, template)
        const found = await unlessMissing(ses.send(new GetEmailTemplateCommand({ TemplateName })))
        if (!found) return undefined
        const {
          Subject: subject = '',
          Text: text,
          Html: html,
        } = answered(found.TemplateContent, 'GetEmailTemplate: TemplateContent')
        return { subject, ...(text && { text }), ...(html && { html }) }
      }),

    /** Idempotent: afterwards the template has this content, whether it existed or not. */
    async put(
      target: SessionTarget,
      template: string,
      content: TemplateContent,
    ): Promise<'created' | 'changed' | Refused> {
      const changed = await update(target, template, content)
      if (changed !== 'missing') return changed === 'done' ? 'changed' : changed
      const created = await call(target, 'CreateEmailTemplate', async (ses) => {
        try {
          return await outcomeOf(ses.send(new CreateEmailTemplateCommand(inputOf(target, template, content))))
        } catch (error) {
          if (error instanceof AlreadyExistsException) return 'exists'
          throw error
        }
      })
      if (created === 'done') return 'created'
      if (typeof created === 'object') return created
      // Another request has created it in between.
      const again = await update(target, template, content)
      return typeof again === 'object' ? again : 'changed'
    },

    /** Idempotent: SES deletes nothing, without an error, if there is no such template. */
    remove: (target: SessionTarget, template: string): Promise<void> =>
      call(target, 'DeleteEmailTemplate', async (ses) => {
        const TemplateName = templateNameOf(target.project, template)
        await unlessMissing(ses.send(new DeleteEmailTemplateCommand({ TemplateName })))
      }),

    /** The message that SES renders, in MIME; `undefined` if there is no such template. It sends nothing. */
    render: (
      target: SessionTarget,
      template: string,
      data: Readonly<Record<string, unknown>>,
    ): Promise<{ readonly message: string } | Refused | undefined> =>
      call(target, 'TestRenderEmailTemplate', async (ses) => {
        const TemplateName = templateNameOf(target.project, template)
        try {
          const { RenderedTemplate } = await ses.send(
            new TestRenderEmailTemplateCommand({ TemplateName, TemplateData: JSON.stringify(data) }),
          )
          return { message: answered(RenderedTemplate, 'TestRenderEmailTemplate: RenderedTemplate') }
        } catch (error) {
          if (error instanceof NotFoundException) return undefined
          if (error instanceof BadRequestException) return { refused: error.message }
          throw error
        }
      }),
  }
}

async function outcomeOf(answer: Promise<unknown>): Promise<'done' | 'missing' | Refused> {
  try {
    await answer
    return 'done'
  } catch (error) {
    if (error instanceof NotFoundException) return 'missing'
    if (error instanceof BadRequestException) return { refused: error.message }
    throw error
  }
}
