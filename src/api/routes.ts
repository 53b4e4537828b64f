/** Every route of the HTTP API. A test compares them with serverless.yml. */
import { recipientRoute, reportRoute, timelineRoute } from './activity/routes.ts'
import { listIdentitiesRoute, lookUpIdentityRoute, putIdentityRoute, putMailFromRoute } from './identities/routes.ts'
import { batchRoute, messageRoute } from './messages/routes.ts'
import type { Route } from './route.ts'
import { sessionRoute } from './sessions/routes.ts'
import {
  checkRoute,
  importRoute,
  listRoute,
  lookupRoute,
  reinstateRoute,
  suppressRoute,
} from './suppressions/routes.ts'
import {
  deleteTemplateRoute,
  getTemplateRoute,
  listTemplatesRoute,
  putTemplateRoute,
  renderTemplateRoute,
} from './templates/routes.ts'

export const allRoutes: readonly Route[] = [
  messageRoute,
  batchRoute,
  checkRoute,
  listRoute,
  lookupRoute,
  suppressRoute,
  reinstateRoute,
  importRoute,
  sessionRoute,
  listTemplatesRoute,
  getTemplateRoute,
  putTemplateRoute,
  deleteTemplateRoute,
  renderTemplateRoute,
  listIdentitiesRoute,
  lookUpIdentityRoute,
  putIdentityRoute,
  putMailFromRoute,
  reportRoute,
  timelineRoute,
  recipientRoute,
]
