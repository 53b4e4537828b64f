/**
 * One event of SES → suppression list: what the functions that record feedback have in common.
 * Each takes whatever its door brings: a complaint that comes in at the bounces' door is recorded all the same.
 */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import middy from '@middy/core'
import type { SesEvent } from '../intake/event.ts'
import { readEvent } from '../intake/read-event.ts'
import { eachRecord, type Outcome, type Outcomes } from '../lambda/each-record.ts'
import { outcomeLog } from '../lambda/outcome-log.ts'
import { createPseudonyms } from '../lambda/pseudonym.ts'
import { type LambdaHandler, type Runtime, readSetting } from '../lambda/runtime.ts'
import { createRoutes } from '../projects/routes.ts'
import { createEvidenceWriter } from '../suppression/add-evidence.ts'
import { evidenceOf } from '../suppression/evidence.ts'

/** Rejects if the way that a letter came does not attest that its event belongs to the project. */
export type Attest = (event: SesEvent, letter: unknown, project: string) => Promise<void>

/** The topics are ours and take messages from SES alone, so what an event says of itself is attested. */
const bySesAlone: Attest = async () => undefined

/** A client for what costs as little as it can: each command's middleware is put together once and not for each call. */
export const createLowOverheadClient = ({ client }: Runtime) => new DynamoDBClient({ ...client, cacheMiddleware: true })

/** What becomes of one letter. */
export function applyFeedback(
  surroundings: Runtime,
  dynamodb = createLowOverheadClient(surroundings),
  attest: Attest = bySesAlone,
) {
  const routes = createRoutes(dynamodb, readSetting(surroundings, 'PROJECTS_TABLE'), surroundings.now)
  const suppressions = createEvidenceWriter(dynamodb, readSetting(surroundings, 'SUPPRESSIONS_TABLE'))
  const pseudonymOf = createPseudonyms(readSetting(surroundings, 'LOG_KEY'))

  async function record(event: SesEvent, letter: unknown): Promise<Outcome> {
    const project = await routes.ownerOf(event)
    await attest(event, letter, project)
    const findings = evidenceOf(event)
    if (findings.type === 'ignored') return { outcome: `ignored: ${findings.why}`, project }
    const { about } = findings
    await suppressions.add(project, about)
    const feedbackId = [...about.values()][0]?.feedbackId
    return { outcome: 'recorded', project, feedbackId, addresses: [...about.keys()].map(pseudonymOf) }
  }

  return async (letter: unknown): Promise<Outcome> => {
    const event = readEvent(letter)
    return event.type === 'NonEvent' ? { outcome: `acknowledged: ${event.reason}` } : record(event, letter)
  }
}

/** The whole of a function on one of our topics. */
export function recordFromTopic(surroundings: Runtime): LambdaHandler<Outcomes> {
  return middy(eachRecord(applyFeedback(surroundings))).use(outcomeLog(surroundings.log))
}
