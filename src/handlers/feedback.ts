/**
 * One record of SES feedback → suppression list: shared by record-bounce, record-complaint and record-feedback.
 * Each of them accepts either kind of event: a complaint on the bounces topic is recorded like any other.
 */
import type { SesEvent } from '../intake/event.ts'
import { readArrivingEvent, unreadableOf } from '../intake/read-event.ts'
import { UnreadableRecipientsError } from '../intake/unreadable-recipients-error.ts'
import type { Outcome } from '../lambda/each-record.ts'
import { createPseudonyms } from '../lambda/pseudonym.ts'
import { type Runtime, readSetting } from '../lambda/runtime.ts'
import { createRoutes } from '../projects/routes.ts'
import { createEvidenceWriter } from '../suppression/add-evidence.ts'
import { evidenceOf } from '../suppression/evidence.ts'
import { createLowOverheadClient } from './low-overhead-client.ts'

/** Rejects unless the delivery of a record attests that its event belongs to the project. */
export type Attest = (event: SesEvent, record: unknown, project: string) => Promise<void>

/** Only SES may publish to our own topics, so their deliveries attest what the event says. */
const attestedByTopic: Attest = async () => undefined

/** @returns record → its outcome; throws if the record cannot be applied */
export function createFeedbackRecorder(
  runtime: Runtime,
  dynamodb = createLowOverheadClient(runtime),
  attest: Attest = attestedByTopic,
) {
  const routes = createRoutes(dynamodb, readSetting(runtime, 'PROJECTS_TABLE'), runtime.now)
  const suppressions = createEvidenceWriter(dynamodb, readSetting(runtime, 'SUPPRESSIONS_TABLE'), runtime.now)
  const pseudonymOf = createPseudonyms(readSetting(runtime, 'LOG_KEY'))

  return async (record: unknown): Promise<Outcome> => {
    const event = readArrivingEvent(record, runtime.now())
    if (event.type === 'NonEvent') return { outcome: `acknowledged: ${event.reason}` }
    const project = await routes.ownerOf(event)
    await attest(event, record, project)
    const evidence = evidenceOf(event)
    if (evidence.type === 'ignored') return { outcome: `ignored: ${evidence.why}`, project }
    const { byAddress, uncounted } = evidence
    await suppressions.add(project, byAddress)
    const unreadable = unreadableOf(event)
    if (unreadable.length > 0) throw new UnreadableRecipientsError(unreadable, byAddress.size)
    const [{ feedbackId } = {}] = byAddress.values()
    const outcome = uncounted === undefined ? 'recorded' : `ignored: ${uncounted}`
    return { outcome, project, feedbackId, addresses: [...byAddress.keys()].map(pseudonymOf) }
  }
}
