/**
 * Reads projects from the projects table. src/projects/change-project.ts changes them.
 *
 *     id                  facet                 holds
 *     acme                settings              account, settings (configurationSets, rules), removedAt
 *     projects#all        acme                  nothing: its presence says that the project exists
 *     projects#removed    acme                  nothing: its presence says that a project of this name was removed, whose list stays
 *     route#111122223333  sesame-acme (or *)    project
 */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { type Project, ProjectSettingsError, readStoredSettings } from './project.ts'
import { findItem } from './table.ts'

export const settingsFacet = 'settings'

/** Key of the directory, which has one small item per project. No project id contains a `#`. */
export const directoryKey = 'projects#all'

/** Key of the names of removed projects, so that people can be erased from their lists, too. */
export const removedKey = 'projects#removed'

export type Projects = ReturnType<typeof createProjects>

/** @param table the projects table */
export function createProjects(dynamodb: DynamoDBClient, table: string) {
  return {
    /** The settings of a project; `undefined` if there is no project with that id. */
    async find(id: string): Promise<Project | undefined> {
      return (await findStoredProject(dynamodb, table, id))?.project
    },
  }
}

/** A project and its stored text, which the condition of a write compares. */
export type StoredProject = {
  readonly project: Project
  readonly text: string
  /** Whether the caller who added it vouched for its account. Projects of version 0.2.0 count as vouched for. */
  readonly isVouched: boolean
}

export async function findStoredProject(
  dynamodb: DynamoDBClient,
  table: string,
  id: string,
): Promise<StoredProject | undefined> {
  const { settings, isVouched } = (await findItem(dynamodb, table, id, settingsFacet)) ?? {}
  const text = settings?.S
  return text === undefined
    ? undefined
    : { project: readStoredProject(text), text, isVouched: isVouched?.BOOL !== false }
}

export const noSuchProjectError = (id: string) =>
  new ProjectSettingsError('project', `${id} does not exist: add it with sesame project add`)

/** @throws ProjectSettingsError | SyntaxError */
export const readStoredProject = (text: string): Project => readStoredSettings(JSON.parse(text))
