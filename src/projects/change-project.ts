/**
 * Changes of projects: add, set, remove. Each change is one transaction with the routes of the project and its history entry
 * (src/projects/changes.ts).
 */
import type { DynamoDBClient, TransactWriteItem } from '@aws-sdk/client-dynamodb'
import { activitySettingsPutOf } from './activity-settings.ts'
import { type ChangeContext, changeItemOf } from './changes.ts'
import { configurationSetOf } from './connection.ts'
import { connectionFacet } from './connection-item.ts'
import { duePutOf, newDueEntry, quarterOf } from './due-work.ts'
import { type Project, type ProjectInput, ProjectSettingsError, readChangedSettings, readProject } from './project.ts'
import {
  directoryKey,
  findStoredProject,
  noSuchProjectError,
  removedKey,
  type StoredProject,
  settingsFacet,
} from './projects.ts'
import { createRouteClaims, facetsOf, type Standing } from './route-claims.ts'
import { keyOf } from './table.ts'
import { conflict, retryOnConflict, transact } from './transaction.ts'

export type ProjectChanges = ReturnType<typeof createProjectChanges>

/** @param table the projects table */
export function createProjectChanges(dynamodb: DynamoDBClient, table: string) {
  const read = (id: string) => findStoredProject(dynamodb, table, id)
  const claims = createRouteClaims(dynamodb, table)

  /** Writes the settings if they are still `previous`. An id keeps its account, even after the project was removed. */
  const settingsItem = (
    project: Project,
    previous: StoredProject | undefined,
    isVouched: boolean,
  ): TransactWriteItem => ({
    Put: {
      TableName: table,
      Item: {
        ...keyOf(project.id, settingsFacet),
        account: { S: project.account },
        settings: { S: JSON.stringify(project) },
        ...(!isVouched && { isVouched: { BOOL: false } }),
      },
      ConditionExpression: `(attribute_not_exists(id) OR account = :account) AND ${
        previous ? 'settings = :previous' : 'attribute_not_exists(settings)'
      }`,
      ExpressionAttributeValues: {
        ':account': { S: project.account },
        ...(previous && { ':previous': { S: previous.text } }),
      },
    },
  })

  /**
   * Writes the settings that `next` derives from the stored ones, with the routes to add and to remove. Idempotent.
   * @param standing absent: that with which the project was added
   */
  const change = (
    id: string,
    what: string,
    context: ChangeContext,
    next: (previous: Project | undefined) => Project,
    standing?: Standing,
  ) =>
    retryOnConflict(id, async () => {
      const previous = await read(id)
      const project = next(previous?.project)
      const wasVouched = previous?.isVouched ?? false
      const isVouched = wasVouched || standing === 'vouched' || standing === 'own account'
      if (previous && wasVouched === isVouched && JSON.stringify(previous.project) === JSON.stringify(project))
        return project
      const wanted = facetsOf(project)
      const unwanted = previous ? facetsOf(previous.project).filter((facet) => !wanted.includes(facet)) : []
      const routes = await claims.partsFor(project, standing ?? (isVouched ? 'vouched' : 'claimed'))
      const refused = await transact(dynamodb, {
        settings: settingsItem(project, previous, isVouched),
        listed: { Put: { TableName: table, Item: keyOf(directoryKey, id) } },
        // Other rules change verdicts without a stream record: the next reconcile applies them to the account list.
        due: duePutOf(table, 'reconcile', newDueEntry(id, quarterOf(context.at))),
        change: changeItemOf(table, id, context, what, fieldsOf(project)),
        ...(project.activitySettings && { activity: activitySettingsPutOf(table, project) }),
        ...routes,
        // The route of its own configuration set belongs to its connection.
        ...(await claims.releasesOf(
          project,
          unwanted.filter((facet) => facet !== configurationSetOf(id)),
        )),
      })
      if (refused === conflict) return conflict
      if (refused.has('settings') && !(await read(id)) && !previous) throw takenIdError(id)
      return refused.size > 0 ? conflict : project
    })

  return {
    waitingOf: claims.waitingOf,

    /**
     * Adds a project with its routes, or more routes to an existing project: all or none. Idempotent.
     * @param standing decides which of its claims become routes: src/projects/route-claims.ts
     * @throws ProjectSettingsError if a setting is invalid, the id is taken, or another project owns the account or a configuration set
     * @throws SettingsBusyError
     */
    async add(input: ProjectInput, context: ChangeContext, standing: Standing = 'vouched'): Promise<Project> {
      const project = readProject(input)
      const next = (previous: Project | undefined) => {
        if (!previous) return project
        if (previous.account !== project.account) throw takenIdError(project.id)
        const { rules = previous.rules } = input
        return readChangedSettings({
          ...previous,
          ...project,
          rules,
          configurationSets: unionOfSets(previous, project),
        })
      }
      return change(project.id, 'project added', context, next, standing)
    },

    /**
     * Replaces the settings that are given and releases the routes that the project no longer owns. Idempotent.
     * @throws ProjectSettingsError if a setting is invalid, the project does not exist, or another project owns a configuration set
     * @throws SettingsBusyError
     */
    async set(id: string, settings: Omit<ProjectInput, 'id' | 'account'>, context: ChangeContext) {
      return change(id, 'settings changed', context, (previous) => {
        if (!previous) throw noSuchProjectError(id)
        const { configurationSets = previous.configurationSets, rules = previous.rules } = settings
        const { suppressedReasons = previous.suppressedReasons, tenant = previous.tenant } = settings
        const { activity = previous.activity, holdRules = previous.holdRules } = settings
        const sending = { ...previous.sending, ...settings.sending }
        const activitySettings = { ...previous.activitySettings, ...settings.activitySettings }
        return readChangedSettings({
          ...previous,
          configurationSets,
          rules,
          ...(suppressedReasons && { suppressedReasons }),
          ...(tenant !== undefined && { tenant }),
          ...(activity !== undefined && { activity }),
          ...(Object.keys(sending).length > 0 && { sending }),
          ...(Object.keys(activitySettings).length > 0 && { activitySettings }),
          ...(holdRules !== undefined && { holdRules }),
        })
      })
    },

    /**
     * Removes a project with its routes. Its suppression list and its history stay, and its id stays reserved for its account, so that no
     * other account inherits them. Idempotent.
     * @returns the removed project; `undefined` if there was none
     * @throws ProjectSettingsError if the project is connected
     * @throws SettingsBusyError
     */
    async remove(id: string, context: ChangeContext): Promise<Project | undefined> {
      return retryOnConflict(id, async () => {
        const stored = await read(id)
        if (!stored) return undefined
        const { project, text } = stored
        const refused = await transact(dynamodb, {
          settings: {
            Update: {
              TableName: table,
              Key: keyOf(id, settingsFacet),
              UpdateExpression: 'SET removedAt = :at REMOVE settings',
              ConditionExpression: 'settings = :previous',
              ExpressionAttributeValues: { ':at': { S: context.at.toISOString() }, ':previous': { S: text } },
            },
          },
          connection: {
            ConditionCheck: {
              TableName: table,
              Key: keyOf(id, connectionFacet),
              ConditionExpression: 'attribute_not_exists(id)',
            },
          },
          listed: { Delete: { TableName: table, Key: keyOf(directoryKey, id) } },
          remembered: { Put: { TableName: table, Item: keyOf(removedKey, id) } },
          change: changeItemOf(table, id, context, 'project removed', { account: project.account }),
          ...(await claims.releasesOf(project, facetsOf(project))),
        })
        if (refused === conflict) return conflict
        if (refused.has('connection')) {
          throw new ProjectSettingsError('project', `${id} is connected: run sesame disconnect ${id} first`)
        }
        return refused.size > 0 ? conflict : project
      })
    },
  }
}

/** The part of a transaction that is refused unless the project exists and has this account. */
export const projectCheckOf = (table: string, id: string, account: string): TransactWriteItem => ({
  ConditionCheck: {
    TableName: table,
    Key: keyOf(id, settingsFacet),
    ConditionExpression: 'attribute_exists(settings) AND account = :account',
    ExpressionAttributeValues: { ':account': { S: account } },
  },
})

const fieldsOf = ({ account, configurationSets, tenant, rules, activity, activitySettings, holdRules }: Project) => ({
  account,
  configurationSets: configurationSets.join(', '),
  ...(tenant !== undefined && { tenant }),
  ...(activity !== undefined && { activity }),
  ...(activitySettings !== undefined && { activitySettings: JSON.stringify(activitySettings) }),
  ...(holdRules !== undefined && { holdRules: JSON.stringify(holdRules) }),
  rules: JSON.stringify(rules),
})

/** The configuration sets of both. Empty, which means the whole account, if one of the two owns the whole account. */
const unionOfSets = (one: Project, other: Project): string[] =>
  one.configurationSets.length > 0 && other.configurationSets.length > 0
    ? [...new Set([...one.configurationSets, ...other.configurationSets])]
    : []

const takenIdError = (id: string) =>
  new ProjectSettingsError('id', `${id} is taken by a project of another account: choose another id`)
