/**
 * Settles outcomes that are `unknown`, when a request is repeated: the Send event of the mail says that SES accepted it. Silence of half an hour, with
 * Send events of later mail, says that SES did not.
 */
import * as v from 'valibot'
import type { AttemptWindow, FoundAttempt } from '../../activity/find-attempt.ts'
import { AddressError, normaliseAddress } from '../../intake/address.ts'

/** @returns what became of an attempt */
export type FindAttempt = (project: string, attempt: string, window: AttemptWindow, now: Date) => Promise<FoundAttempt>

/** The function ends earlier, and the clocks of SES and Lambda differ by seconds. */
const [earlierMs, laterMs] = [5_000, 90_000]

/** Events arrive within seconds. A message of the queue that fails is tried again for a quarter of an hour. */
const silenceMs = 30 * 60_000

const Outcome = v.looseObject({ recipient: v.string(), state: v.string() })
const Message = v.looseObject({ attempt: v.string(), outcomes: v.array(Outcome) })
const Stored = v.union([v.looseObject({ entries: v.array(v.union([Message, v.looseObject({})])) }), Message])

const notAcceptedDetail = 'SES did not accept the mail. It is safe to send it again, with a new key.'
const notAmongDetail = 'SES accepted the mail without this recipient, who was refused before.'

/**
 * @param stored the answer of the first run
 * @param startedAt when the first run began
 * @returns the answer with the outcomes that are settled; `undefined` if none is
 */
export async function settleAnswer(
  findAttempt: FindAttempt,
  project: string,
  stored: unknown,
  startedAt: Date,
  now: Date,
): Promise<unknown> {
  const window = { from: new Date(startedAt.getTime() - earlierMs), to: new Date(startedAt.getTime() + laterMs) }
  const settle = async (message: v.InferOutput<typeof Message>) => {
    if (!message.outcomes.some(({ state }) => state === 'unknown')) return undefined
    const found = await findAttempt(project, message.attempt, window, now)
    const isOver = now.getTime() - startedAt.getTime() >= silenceMs
    if (found.found === 'nothing' && !(found.feedWorks && isOver)) return undefined
    return { ...message, outcomes: message.outcomes.map((one) => settledOutcome(one, found)) }
  }
  const { success, output } = v.safeParse(Stored, stored)
  if (!success) return undefined
  if (v.is(Message, output)) return settle(output)
  const entries = v.parse(v.object({ entries: v.array(v.unknown()) }), output).entries
  const settled = await Promise.all(entries.map((entry) => (v.is(Message, entry) ? settle(entry) : undefined)))
  if (settled.every((entry) => entry === undefined)) return undefined
  return { ...output, entries: entries.map((entry, i) => settled[i] ?? entry) }
}

function settledOutcome(outcome: v.InferOutput<typeof Outcome>, found: FoundAttempt) {
  const { recipient, state } = outcome
  if (state !== 'unknown') return outcome
  if (found.found === 'nothing') return { recipient, state: 'not accepted', detail: notAcceptedDetail } as const
  return [...found.recipients].some((one) => isSame(one, recipient))
    ? ({ recipient, state: 'sent', messageId: found.messageId } as const)
    : ({ recipient, state: 'not accepted', detail: notAmongDetail } as const)
}

/** SES repeats an address as the sender wrote it. */
function isSame(one: string, other: string): boolean {
  try {
    return normaliseAddress(one) === normaliseAddress(other)
  } catch (error) {
    if (error instanceof AddressError) return one === other
    throw error
  }
}
