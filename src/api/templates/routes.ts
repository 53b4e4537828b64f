/** The routes about stored templates. serverless.yml names the same methods and paths. */
import type { Route } from '../route.ts'
import {
  DeleteTemplateAnswer,
  ListTemplatesAnswer,
  NoInput,
  PageQuery,
  PutTemplateAnswer,
  RenderAnswer,
  RenderRequest,
  TemplateAnswer,
  TemplateContent,
  TemplateName,
} from './schemas.ts'

const path = (rest: string) => `/projects/{project}/templates${rest}`
const parameters = { template: TemplateName }

export const listTemplatesRoute = {
  method: 'GET',
  path: path(''),
  operationId: 'listTemplates',
  summary: 'List the templates of the project',
  description:
    'Page by page. A page can have no templates although there are more, because it is a page of all templates of the account: only a page without `next` is the last.',
  input: PageQuery,
  answer: ListTemplatesAnswer,
  idempotencyKey: 'ignored',
  maxBytes: 0,
} satisfies Route

export const getTemplateRoute = {
  method: 'GET',
  path: path('/{template}'),
  operationId: 'getTemplate',
  summary: 'Get a template',
  description: 'Its subject, text and HTML, with the attributes.',
  parameters,
  input: NoInput,
  answer: TemplateAnswer,
  idempotencyKey: 'ignored',
  maxBytes: 0,
} satisfies Route

export const putTemplateRoute = {
  method: 'PUT',
  path: path('/{template}'),
  operationId: 'putTemplate',
  summary: 'Create or replace a template',
  description:
    'Attributes have the syntax of Handlebars: `{{name}}`, `{{customer.name}}`, `{{#if …}}`, `{{#each …}}`, inline partials. In the account, the name of the template begins with `sesame-` and the project.',
  parameters,
  input: TemplateContent,
  answer: PutTemplateAnswer,
  idempotencyKey: 'accepted',
  maxBytes: 2 * 1_048_576,
} satisfies Route

export const deleteTemplateRoute = {
  method: 'DELETE',
  path: path('/{template}'),
  operationId: 'deleteTemplate',
  summary: 'Delete a template',
  description: 'Succeeds even if there is no such template.',
  parameters,
  input: NoInput,
  answer: DeleteTemplateAnswer,
  idempotencyKey: 'accepted',
  maxBytes: 0,
} satisfies Route

export const renderTemplateRoute = {
  method: 'POST',
  path: path('/{template}/render'),
  operationId: 'renderTemplate',
  summary: 'Render a template without sending it',
  description:
    'SES renders the template with the data, or says which attribute is missing. It does this once per second.',
  parameters,
  input: RenderRequest,
  answer: RenderAnswer,
  idempotencyKey: 'ignored',
  maxBytes: 1_048_576,
} satisfies Route
