/**
 * Reads the silence of a project's feed, if there is one. src/feeds/record-silence.ts stores it.
 *
 *     id         facet    holds
 *     feed#acme  silence  silentSince, accepted, countedUntil, cause, reportedAt
 */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import * as v from 'valibot'
import { findItem, Text } from '../projects/table.ts'
import type { Silence } from './judge-feed.ts'

export const silenceFacet = 'silence'

/** No project id contains a `#`. A role may write these keys and no others. */
export const feedKeyOf = (project: string): string => `feed#${project}`

const Time = v.object({ S: v.pipe(v.string(), v.isoTimestamp()) })
const SilenceItem = v.object({
  silentSince: Time,
  accepted: v.object({ N: v.string() }),
  countedUntil: Time,
  cause: Text,
  reportedAt: Time,
})

/** @param table the projects table */
export async function findSilence(
  dynamodb: DynamoDBClient,
  table: string,
  project: string,
): Promise<Silence | undefined> {
  const { success, output } = v.safeParse(
    SilenceItem,
    await findItem(dynamodb, table, feedKeyOf(project), silenceFacet),
  )
  if (!success) return undefined
  const { silentSince, accepted, countedUntil, cause, reportedAt } = output
  return {
    since: new Date(silentSince.S),
    accepted: Number(accepted.N),
    countedUntil: new Date(countedUntil.S),
    cause: cause.S,
    reportedAt: new Date(reportedAt.S),
  }
}

/** In one sentence, for people. */
export const silenceText = ({ since, accepted, cause }: Silence): string =>
  `The feed is silent since ${since.toISOString().slice(0, 16).replace('T', ' ')} UTC. SES accepted mail to at least ${accepted} recipients meanwhile. Cause: ${cause}`
