/**
 * What must hold at the end of every run, whatever went wrong in it. Each check returns the violations that it finds, in words; none if all is well.
 *
 * docs/reliability.md lists them. A check compares what the services saw with what Sesame says and stores.
 */
import type { PublishedEvent } from './history.ts'
import { type Expected, expectedOf, type Happening, happeningsOf } from './model.ts'
import type { Outcome } from './outcome.ts'
import { parties } from './plan.ts'

export type Invariant = { readonly name: string; readonly holds: (outcome: Outcome) => readonly string[] }

export const invariants: readonly Invariant[] = [
  { name: 'no defect', holds: ({ defects }) => defects.map((cause) => `defect: ${textOf(cause)}`) },
  { name: 'the queues are empty some time after the last fault', holds: isQuiet },
  { name: 'every event of SES is stored or was set aside', holds: conservesEvents },
  { name: 'the list says what a model of another design says', holds: agreesWithModel },
  { name: 'what an application was told about a ruling is stored', holds: keepsRulings },
  { name: 'no mail is sent to an address that was suppressed when the request came', holds: sparesSuppressed },
  { name: 'one key sends one mail', holds: sendsOnce },
  { name: 'a mail that an application was told of was sent', holds: tellsTruth },
  { name: 'a valid request succeeds in the end', holds: answersValidRequests },
  { name: 'the account list agrees with the list', holds: agreesWithAccountList },
  { name: 'every event is counted once', holds: countsOnce },
  { name: 'a session belongs to the project of its call and has its external id', holds: confinesSessions },
  { name: 'IAM denies no call of a function in the account of Sesame', holds: isNeverDenied },
  { name: 'no address, external id or key is in a log line', holds: isSilent },
  { name: 'an event costs few write units', holds: isCheap },
]

export type Violation = { readonly invariant: string; readonly what: string }

export const violationsOf = (outcome: Outcome): readonly Violation[] =>
  invariants.flatMap(({ name, holds }) => holds(outcome).map((what) => ({ invariant: name, what })))

const textOf = (cause: unknown): string => (cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause))

function isQuiet({ healedAfterMs, leftOver }: Outcome): string[] {
  return healedAfterMs === undefined ? leftOver.map((queue) => `left at the end: ${queue}`) : []
}

const isFeedback = ({ event, topic }: PublishedEvent): boolean =>
  (event.bounce !== undefined || event.complaint !== undefined) && !topic.includes('activity')

const feedbackIdOf = ({ event }: PublishedEvent): string =>
  event.bounce?.feedbackId ?? event.complaint?.feedbackId ?? ''

/** Each feedback id must be in a log line of an invocation that recorded or set aside the event. */
function conservesEvents({ history, log }: Outcome): string[] {
  const recorded = new Set(
    log.flatMap(({ line }) => [...line.matchAll(/"feedbackId":"([^"]+)"/g)].map(([, id = '']) => id)),
  )
  // The line of an invocation that was killed after its last write is lost. Then the evidence must be stored.
  const stored = history.writes.flatMap(({ texts }) => texts).join('\n')
  return history.published
    .filter(isFeedback)
    .map(feedbackIdOf)
    .filter((id) => !recorded.has(id) && !stored.includes(id))
    .map((id) => `the event ${id} is neither recorded nor stored`)
}

/** Everything that happened to the addresses of a project, as the services saw it. */
function happeningsIn({ history }: Outcome, project: string): Map<string, Happening[]> {
  const byAddress = new Map<string, Happening[]>()
  const add = (address: string, happening: Happening) =>
    void byAddress.set(address, [...(byAddress.get(address) ?? []), happening])
  for (const published of history.published.filter((one) => one.project === project && isFeedback(one)))
    for (const { address, happening } of happeningsOf(published)) add(address, happening)
  for (const { key, names, texts } of history.writes.filter((write) => write.project === project)) {
    const atMs = Date.parse(texts[0]?.split(' ')[0] ?? '')
    if (names.includes('manual')) add(key, { kind: 'suppress', atMs })
    if (names.includes('reinstated')) add(key, { kind: 'reinstate', atMs })
  }
  return byAddress
}

/** With wrong clocks, what happened within this time may have been taken for simultaneous or in the other order. */
const uncertaintyOf = ({ profile }: Outcome): number =>
  profile.clockErrorMs > 0 ? profile.clockErrorMs + 60_000 : 1_001

/** Both verdicts are right if a ruling and another happening were too close for the clocks. */
function isAmbiguous(happenings: readonly Happening[], withinMs: number): boolean {
  const overruling = happenings.filter(({ kind }) => kind === 'reinstate' || kind === 'not spam' || kind === 'suppress')
  return overruling.some((one) =>
    happenings.some((other) => other.kind !== one.kind && Math.abs(other.atMs - one.atMs) <= withinMs),
  )
}

function agreesWithModel(outcome: Outcome): string[] {
  const wrong: string[] = []
  for (const { project } of parties) {
    const happenings = happeningsIn(outcome, project)
    const listed = new Map((outcome.lists.get(project) ?? []).map(({ address, verdict }) => [address, verdict]))
    for (const address of new Set([...happenings.keys(), ...listed.keys()])) {
      const happened = happenings.get(address) ?? []
      if (isAmbiguous(happened, uncertaintyOf(outcome))) continue
      const expected = expectedOf(happened, outcome.endedMs)
      const verdict = listed.get(address)
      const said: Expected = {
        state: verdict?.state ?? 'clear',
        reason: verdict?.state === 'suppressed' ? verdict.reason : undefined,
      }
      if (said.state !== expected.state || said.reason !== expected.reason)
        wrong.push(
          `${project}: ${address} is ${said.state} ${said.reason ?? ''}, must be ${expected.state} ${expected.reason ?? ''}`,
        )
    }
  }
  return wrong
}

function keepsRulings({ told, history }: Outcome): string[] {
  return told.flatMap(({ act, outcomes, startedMs }) => {
    if ((act.kind !== 'suppress' && act.kind !== 'reinstate') || outcomes?.get(act.address) !== 'recorded') return []
    const name = act.kind === 'suppress' ? 'manual' : 'reinstated'
    const isStored = history.writes.some(
      ({ project, key, names, atMs }) =>
        project === act.party.project && key === act.address && names.includes(name) && atMs >= startedMs,
    )
    return isStored ? [] : [`${act.party.project}: the ruling to ${act.kind} ${act.address} is not stored`]
  })
}

/** By project and address: since when the list has suppressed it, for addresses that nobody reinstated. */
function suppressedSince({ history }: Outcome): Map<string, number> {
  const since = new Map<string, number>()
  const reinstated = new Set<string>()
  for (const { project, key, names, atMs } of history.writes) {
    const place = `${project} ${key}`
    if (names.includes('reinstated') || names.includes('lastNotSpam')) reinstated.add(place)
    if (names.some((name) => ['manual', 'lastHard', 'lastComplaint'].includes(name)) && !since.has(place))
      since.set(place, atMs)
  }
  for (const place of reinstated) since.delete(place)
  return since
}

function sparesSuppressed(outcome: Outcome): string[] {
  const since = suppressedSince(outcome)
  return outcome.history.sent.flatMap(({ project, subject, recipients, atMs }) =>
    recipients.flatMap((recipient) => {
      const suppressedMs = since.get(`${project} ${recipient}`)
      // A function runs for 28 s at most, so the request came at that time or later.
      const isLate = suppressedMs !== undefined && atMs - suppressedMs > 30_000
      return isLate ? [`${project}: ${subject} went to ${recipient}, suppressed ${atMs - suppressedMs} ms before`] : []
    }),
  )
}

function sendsOnce({ history }: Outcome): string[] {
  const mails = Map.groupBy(history.sent, ({ project, subject }) => `${project} ${subject}`)
  return [...mails].filter(([, same]) => same.length > 1).map(([name, same]) => `${name} was sent ${same.length} times`)
}

function tellsTruth({ told, history }: Outcome): string[] {
  return told.flatMap(({ act, subject, outcomes }) => {
    if (act.kind !== 'mail by the API' || !outcomes) return []
    const mail = history.sent.find((sent) => sent.project === act.party.project && sent.subject === subject)
    return [...outcomes].flatMap(([recipient, state]) => {
      const wasSent = mail?.recipients.includes(recipient) ?? false
      if (state === 'sent' && !wasSent)
        return [`${subject} was not sent to ${recipient}, but the application was told so`]
      return state === 'refused' && wasSent
        ? [`${subject} was sent to ${recipient}, but the application was told otherwise`]
        : []
    })
  })
}

/** Requests of this simulation are valid, so only the account of the customer can be a reason to refuse one in the end. */
function answersValidRequests({ told, plan }: Outcome): string[] {
  const hadRoles = !plan.some(({ kind }) => kind === 'role removed')
  return told.flatMap(({ act, outcomes, problem = '' }) =>
    outcomes === undefined && (hadRoles || !/connect|account|role|quarantine/.test(problem))
      ? [`${act.kind} of ${act.party.project}: ${problem}`]
      : [],
  )
}

function agreesWithAccountList(outcome: Outcome): string[] {
  const { lists, accountLists, reconciledAccountLists, plan } = outcome
  const differences = (theirs: ReadonlyMap<string, string> | undefined, project: string, skip: ReadonlySet<string>) => {
    const ours = new Map((lists.get(project) ?? []).map(({ address, verdict }) => [address, verdict.state]))
    return [...new Set([...ours.keys(), ...(theirs?.keys() ?? [])])].flatMap((address) => {
      const isSuppressed = ours.get(address) === 'suppressed'
      if (skip.has(address) || isSuppressed === (theirs?.has(address) ?? false)) return []
      return [`${project}: ${address} is ${isSuppressed ? 'not ' : ''}on the account list`]
    })
  }
  return parties.flatMap((party) => {
    const { project } = party
    const ofOwner = new Set(
      plan.flatMap((act) => ('address' in act && act.kind.startsWith('owner') ? [act.address] : [])),
    )
    return [
      ...differences(accountLists.get(project), project, ofOwner),
      ...differences(reconciledAccountLists.get(project), project, new Set()).map((one) => `${one} after a reconcile`),
    ]
  })
}

/** One item for each event and recipient that a topic for activity accepted, and none beside them, each of which expires in time. */
function countsOnce({ history, activity, endedMs }: Outcome): string[] {
  const events = history.published.filter(({ topic }) => topic.includes('activity'))
  const expected = new Map<string, Set<string>>()
  for (const { event } of events) {
    const { bounce, complaint, mail, eventType } = event
    const named = bounce?.bouncedRecipients ?? complaint?.complainedRecipients
    const recipients = named?.map(({ emailAddress }) => emailAddress) ?? (eventType === 'Send' ? mail.destination : [])
    const name = `${mail.messageId}#${eventType}`
    const known = expected.get(name) ?? new Set()
    for (const recipient of recipients) known.add(recipient)
    expected.set(name, known)
  }
  const counted = activity.flatMap(({ event, type, expiresAt }) =>
    typeof event?.S === 'string' && event.S.startsWith('0100')
      ? [{ name: `${event.S.split('#')[0]}#${String(type?.S)}`, expiresMs: Number(expiresAt?.N) * 1_000 }]
      : [],
  )
  const items = Map.groupBy(counted, ({ name }) => name)
  const wrong = [...new Set([...expected.keys(), ...items.keys()])].flatMap((name) => {
    const [wanted, has] = [expected.get(name), items.get(name)?.length ?? 0]
    // Of deliveries and delays, the recipient is not compared.
    if (wanted && (wanted.size === has || (wanted.size === 0 && has > 0))) return []
    return [`${name} has ${has} items, must have ${wanted?.size ?? 0}`]
  })
  const lasting = counted.filter(({ expiresMs }) => !(expiresMs > endedMs && expiresMs < endedMs + 400 * 86_400_000))
  return [...wrong, ...lasting.map(({ name }) => `${name} does not expire in time`)]
}

function confinesSessions({ history, connections }: Outcome): string[] {
  return history.assumptions.flatMap(({ roleArn, externalId, session, allowed, by }) => {
    const connection = [...connections.values()].find((one) => one.roleArn === roleArn)
    if (!connection || !allowed || by === 'connection-probe' || session.includes('probe')) return []
    const [project] = session.split('.')
    if (project !== connection.project) return [`${by} entered the role of ${connection.project} as ${session}`]
    return externalId === connection.externalId
      ? []
      : [`${by} entered the role of ${connection.project} without its external id`]
  })
}

function isNeverDenied({ denials }: Outcome): string[] {
  return [...new Set(denials)].map((denial) => `denied: ${denial}`)
}

function isSilent({ log, connections }: Outcome): string[] {
  const secrets = [...connections.values()].map(({ externalId }) => externalId)
  const isTold = (line: string) =>
    /@reader\.example|AKIA[A-Z0-9]{16}|ASIA[A-Z2-7]{16}/.test(line) || secrets.some((secret) => line.includes(secret))
  return log
    .filter(({ line }) => isTold(line))
    .map(({ functionName }) => `a log line of ${functionName} tells a secret`)
}

/** One unit for each address and delivery, some for what follows from it. */
function isCheap({ history, attempts, told, writeUnits }: Outcome): string[] {
  const work = attempts.filter(({ functionName }) =>
    /record-(bounce|complaint)|rule-on|propagate|reconcile/.test(functionName),
  )
  const budget = 12 + 6 * (history.writes.length + told.length) + 3 * work.length
  return writeUnits > budget ? [`${writeUnits} write units for ${work.length} invocations, more than ${budget}`] : []
}
