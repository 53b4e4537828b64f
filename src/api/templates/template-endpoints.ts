/** Answers the routes about stored templates of a project, in the account of the project. */
import type { Refused, StoredTemplates } from '../../configuration/stored-templates.ts'
import { templateNameOf } from '../../projects/template-name.ts'
import type { AccountAccess } from '../account-access.ts'
import type { Cursors } from '../cursor.ts'
import { endpointOf } from '../parse-input.ts'
import { Problem } from '../problem.ts'
import { type Call, type Endpoint, parameterOf } from '../route.ts'
import { safeDetailOf } from '../safe-detail.ts'
import {
  deleteTemplateRoute,
  getTemplateRoute,
  listTemplatesRoute,
  putTemplateRoute,
  renderTemplateRoute,
} from './routes.ts'

export type TemplateDependencies = {
  readonly access: AccountAccess
  readonly templates: StoredTemplates
  readonly cursors: Cursors
}

/** SES's limit, with the part that names the project. */
const maxNameLength = 64

export function createTemplateEndpoints({ access, templates, cursors }: TemplateDependencies): Endpoint[] {
  const inAccount = access('templates')

  return [
    endpointOf(listTemplatesRoute, ({ cursor }, call) =>
      inAccount(call, async ({ connection }) => {
        const boundTo = [call.project, 'templates']
        const token = cursor === undefined ? undefined : cursors.read(cursor, boundTo)
        const page = await templates.list(connection, token)
        return {
          templates: page.templates.map(({ template, createdAt }) => ({
            template,
            ...(createdAt && { createdAt: createdAt.toISOString() }),
          })),
          ...(page.next !== undefined && { next: cursors.write(page.next, boundTo) }),
        }
      }),
    ),
    endpointOf(getTemplateRoute, (_, call) =>
      inAccount(call, async ({ connection }) => {
        const template = templateOf(call)
        const content = await templates.find(connection, template)
        if (!content) throw noSuchTemplate()
        return { template, ...content }
      }),
    ),
    endpointOf(putTemplateRoute, (content, call) => {
      if (content.text === undefined && content.html === undefined)
        throw invalidField('/text', 'is missing: a template has text, html or both')
      return inAccount(call, async ({ connection }) => {
        const template = templateOf(call)
        const outcome = await templates.put(connection, template, content)
        if (typeof outcome === 'object') throw refused(outcome)
        return { template, outcome }
      })
    }),
    endpointOf(deleteTemplateRoute, (_, call) =>
      inAccount(call, async ({ connection }) => {
        const template = templateOf(call)
        await templates.remove(connection, template)
        return { template, outcome: 'deleted' as const }
      }),
    ),
    endpointOf(renderTemplateRoute, ({ data }, call) =>
      inAccount(call, async ({ connection }) => {
        const template = templateOf(call)
        const rendered = await templates.render(connection, template, data)
        if (!rendered) throw noSuchTemplate()
        if ('refused' in rendered) throw refused(rendered)
        return { template, ...rendered }
      }),
    ),
  ]
}

/** @throws Problem */
function templateOf(call: Call): string {
  const template = parameterOf(call, 'template')
  const excess = templateNameOf(call.project, template).length - maxNameLength
  if (excess <= 0) return template
  const detail = `must have ${template.length - excess} characters at most in this project`
  throw new Problem('invalid-request', {
    detail: `{template} in the path ${detail}.`,
    errors: [{ pointer: '/template', detail }],
  })
}

const invalidField = (pointer: string, detail: string) =>
  new Problem('invalid-request', { detail: `${pointer} ${detail}.`, errors: [{ pointer, detail }] })
const noSuchTemplate = () => new Problem('no-such-template', { detail: 'SES has no template of this name.' })
const refused = (outcome: Refused) => new Problem('template-refused', { detail: safeDetailOf(outcome.refused) })
