/**
 * What happened in one run, as the services saw it. The invariants compare it with what Sesame says and stores. Its digest is the same for two
 * runs of one seed, to the last call.
 */
import { createHash } from 'node:crypto'
import * as v from 'valibot'
import type { ServiceCall } from '../service.ts'
import type { CallResult } from './faults.ts'
import type { Machine } from './machine.ts'
import { parties } from './plan.ts'
import { suppressionsTable } from './world.ts'

/** A mail that SES accepted from Sesame. */
export type SentMail = {
  readonly project: string
  readonly subject: string
  readonly recipients: readonly string[]
  readonly messageId: string
  readonly atMs: number
}

/** An event of SES that a topic of Sesame accepted. */
export type PublishedEvent = { readonly project: string; readonly topic: string; readonly event: SesEvent }

/** A write to the suppression list that took effect. */
export type ListWrite = {
  readonly project: string
  readonly key: string
  readonly role: string
  readonly atMs: number
  readonly names: readonly string[]
  readonly texts: readonly string[]
}

export type Assumption = {
  readonly roleArn: string
  readonly externalId: string | undefined
  readonly by: string
  readonly session: string
  readonly allowed: boolean
  readonly atMs: number
}

const recipient = v.object({ emailAddress: v.string() })
const SesEvent = v.object({
  eventType: v.string(),
  mail: v.object({ messageId: v.string(), timestamp: v.string(), destination: v.array(v.string()) }),
  bounce: v.optional(
    v.object({
      bounceType: v.string(),
      bounceSubType: v.string(),
      timestamp: v.string(),
      feedbackId: v.string(),
      bouncedRecipients: v.array(v.looseObject({ emailAddress: v.string(), status: v.optional(v.string()) })),
    }),
  ),
  complaint: v.optional(
    v.object({
      complaintFeedbackType: v.nullish(v.string()),
      complaintSubType: v.nullish(v.string()),
      timestamp: v.string(),
      feedbackId: v.string(),
      complainedRecipients: v.array(recipient),
    }),
  ),
})
export type SesEvent = v.InferOutput<typeof SesEvent>

const Publication = v.object({ TopicArn: v.string(), Message: v.pipe(v.string(), v.parseJson(), SesEvent) })
const SendInput = v.object({
  Destination: v.object({ ToAddresses: v.optional(v.array(v.string()), []) }),
  Content: v.object({ Simple: v.object({ Subject: v.object({ Data: v.string() }) }) }),
})
const SendAnswer = v.object({ MessageId: v.string() })
const UpdateInput = v.object({
  TableName: v.string(),
  Key: v.object({ project: v.object({ S: v.string() }), address: v.object({ S: v.string() }) }),
  UpdateExpression: v.string(),
  ExpressionAttributeNames: v.optional(v.record(v.string(), v.string()), {}),
  ExpressionAttributeValues: v.optional(v.record(v.string(), v.looseObject({ S: v.optional(v.string()) })), {}),
})
const AssumeInput = v.object({
  RoleArn: v.string(),
  RoleSessionName: v.string(),
  ExternalId: v.optional(v.string()),
})

export type History = {
  observe(call: ServiceCall, result: CallResult): void
  readonly sent: readonly SentMail[]
  readonly published: readonly PublishedEvent[]
  readonly writes: readonly ListWrite[]
  readonly assumptions: readonly Assumption[]
  /** `service.Operation → result` and how often. */
  readonly calls: ReadonlyMap<string, number>
  /** Of everything so far. */
  digest(): string
}

export function createHistory(machine: Machine): History {
  const hash = createHash('sha256')
  const sent: SentMail[] = []
  const published: PublishedEvent[] = []
  const writes: ListWrite[] = []
  const assumptions: Assumption[] = []
  const calls = new Map<string, number>()
  const projectOf = new Map<string, string>(parties.map(({ account, project }) => [account, project]))

  const note = (call: ServiceCall, { answer }: { readonly answer: object }): void => {
    const { service, operation, input, caller } = call
    if (operation === 'SendEmail' && caller.role) {
      const { Destination, Content } = v.parse(SendInput, input)
      const project = projectOf.get(call.account) ?? ''
      const { MessageId: messageId } = v.parse(SendAnswer, answer)
      sent.push({
        project,
        subject: Content.Simple.Subject.Data,
        recipients: Destination.ToAddresses,
        messageId,
        atMs: machine.now(),
      })
    }
    if (service === 'sns' && operation === 'Publish') {
      const publication = v.safeParse(Publication, input)
      const account = String(caller.context['aws:SourceAccount'])
      if (publication.success) {
        const { TopicArn: topic, Message: event } = publication.output
        published.push({ project: projectOf.get(account) ?? '', topic, event })
      }
    }
    if (operation === 'UpdateItem' && input.TableName === suppressionsTable) writes.push(writeOf(call, machine.now()))
  }

  return {
    sent,
    published,
    writes,
    assumptions,
    calls,
    observe(call, result) {
      const outcome = 'error' in result ? result.error.code : 'done'
      const name = `${call.service}.${call.operation} ${outcome}`
      calls.set(name, (calls.get(name) ?? 0) + 1)
      hash.update(
        `${machine.now()} ${call.account} ${call.caller.role?.sessionName ?? call.caller.principal.kind} ${name}\n`,
      )
      if (call.operation === 'AssumeRole') {
        const { RoleArn: roleArn, RoleSessionName: session, ExternalId: externalId } = v.parse(AssumeInput, call.input)
        const by = call.caller.role?.name ?? call.caller.principal.kind
        assumptions.push({ roleArn, externalId, by, session, allowed: outcome === 'done', atMs: machine.now() })
      }
      if ('answer' in result) note(call, result)
    },
    digest: () => hash.copy().digest('hex'),
  }
}

function writeOf({ input, caller }: ServiceCall, atMs: number): ListWrite {
  const {
    Key,
    UpdateExpression,
    ExpressionAttributeNames: names,
    ExpressionAttributeValues,
  } = v.parse(UpdateInput, input)
  const expression = UpdateExpression.replaceAll(/#\w+/g, (name) => names[name] ?? name)
  return {
    project: Key.project.S,
    key: Key.address.S,
    role: caller.role?.name ?? '',
    atMs,
    names: [...expression.matchAll(/(\w+) = /g)].map(([, name = '']) => name),
    texts: Object.values(ExpressionAttributeValues).flatMap(({ S }) => S ?? []),
  }
}
