/** Message: what happened to this mail? The events of one message in order of time, and whether each recipient may be mailed now. */
import { dayOf, sentAtOf } from '../../activity/bucket.ts'
import { causesOf } from '../../activity/causes.ts'
import type { TimelineEntry } from '../../activity/read.ts'
import { maskedOf } from '../../intake/masked-address.ts'
import type { MessageAnswer } from '../address-answers.ts'
import type { Standing } from '../answers.ts'
import { DashboardProblem } from '../http.ts'
import type { References } from '../references.ts'
import type { DashboardStack } from '../stack.ts'

type Deps = {
  readonly stack: Pick<DashboardStack, 'projects' | 'activity' | 'list'>
  readonly references: References
  readonly now: () => Date
}

type Entry = MessageAnswer['entries'][number]

const readers = { Likely: 'probably a machine', Unlikely: 'probably a person' } as const

export const createMessageScreen =
  ({ stack, references, now }: Deps) =>
  async (projectId: string, messageId: string): Promise<MessageAnswer> => {
    const project = await stack.projects.find(projectId)
    const sentAt = sentAtOf(messageId)
    if (!project || !sentAt)
      throw new DashboardProblem(
        404,
        project ? 'The message id does not say when the message was sent.' : `There is no project ${projectId}.`,
        `Try on the command line: sesame timeline ${projectId} MESSAGE-ID --day DAY`,
      )
    const timeline = (await stack.activity.timelineOf(projectId, dayOf(sentAt), messageId)).sort(inOrder)
    const entries: Entry[] = []
    for (const entry of timeline) {
      const { at, type, recipient, detail } = entry
      const { state } = recipient
        ? await stack.list.verdictOn(projectId, recipient, project.rules, now())
        : { state: undefined }
      entries.push({
        at: at.toISOString(),
        type,
        text: textOf(entry),
        standing: standings[type] ?? 'unknown',
        ...(recipient !== undefined &&
          state !== undefined && {
            recipient: { ref: references.refOf(projectId, recipient), masked: maskedOf(recipient), now: state },
          }),
        ...(detail !== undefined && { code: detail }),
      })
    }
    return { project: projectId, messageId, ...conclusionOf(timeline, messageId), entries }
  }

/** Events of the same second stand in the order in which they happen. */
const happens: readonly TimelineEntry['type'][] = [
  'Send',
  'Reject',
  'Rendering Failure',
  'DeliveryDelay',
  'Delivery',
  'Bounce',
]
const stepOf = ({ type }: TimelineEntry) => (happens.includes(type) ? happens.indexOf(type) : happens.length)
const secondOf = ({ at }: TimelineEntry) => Math.floor(at.getTime() / 1_000)
const inOrder = (one: TimelineEntry, other: TimelineEntry) =>
  secondOf(one) - secondOf(other) || stepOf(one) - stepOf(other) || one.at.getTime() - other.at.getTime()

const standings: Readonly<Partial<Record<TimelineEntry['type'], Standing>>> = {
  Delivery: 'good',
  DeliveryDelay: 'warning',
  Bounce: 'critical',
  Complaint: 'critical',
  Reject: 'critical',
  'Rendering Failure': 'critical',
}

function textOf({ type, detail, bot }: TimelineEntry): string {
  if (type === 'Send') return 'SES accepted the mail.'
  if (type === 'Delivery') return "The receiver's server accepted the mail."
  if (type === 'Open') return `Opened, ${bot ? readers[bot] : 'SES does not say by whom'}.`
  if (type === 'Click') return `A link was followed, ${bot ? readers[bot] : 'SES does not say by whom'}.`
  if (type === 'Subscription') return 'The recipient changed the subscription.'
  const [cause] = causesOf(new Map([['one', { type, detail, count: 1 }]]))
  return cause ? `${cause.title}. ${cause.advice}` : type
}

function conclusionOf(
  timeline: readonly TimelineEntry[],
  messageId: string,
): Pick<MessageAnswer, 'sentence' | 'standing' | 'word'> {
  if (timeline.length === 0)
    return {
      standing: 'unknown',
      word: 'nothing is known',
      sentence: `Nothing is stored about the message ${messageId.slice(0, 24)}…. Events are kept if the project has activity switched on, for the days that the deployment keeps them.`,
    }
  const of = (type: TimelineEntry['type']) =>
    new Set(timeline.filter((entry) => entry.type === type).map(({ recipient }) => recipient)).size
  const [sent, delivered, bounced, complained] = [of('Send'), of('Delivery'), of('Bounce'), of('Complaint')]
  const failed = of('Reject') + of('Rendering Failure')
  const parts = [
    ...(delivered > 0 ? [`delivered to ${delivered} of ${Math.max(sent, delivered)}`] : []),
    ...(bounced > 0 ? [`bounced for ${bounced}`] : []),
    ...(complained > 0 ? [`${complained} complained`] : []),
    ...(failed > 0 ? ['not sent'] : []),
  ]
  const isFailed = bounced + failed > 0
  const [standing, word] =
    isFailed && delivered === 0
      ? (['critical', 'failed'] as const)
      : isFailed
        ? (['warning', 'partly delivered'] as const)
        : complained > 0
          ? (['warning', 'complained about'] as const)
          : delivered > 0
            ? (['good', 'delivered'] as const)
            : (['unknown', 'no result yet'] as const)
  return {
    standing,
    word,
    sentence: parts.length > 0 ? `It was ${parts.join(', ')}.` : 'It was accepted by SES; no result has arrived yet.',
  }
}
