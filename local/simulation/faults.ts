/**
 * The faults of a run, in one place for all services. Whether the n-th call at a point has a fault depends on the seed, the point and n alone: a
 * fault that is taken away changes no other, so a failing run can be made smaller.
 */
import { type Interfere, NoAnswerError } from '../interference.ts'
import { AwsError, type ServiceCall } from '../service.ts'
import type { Machine } from './machine.ts'
import type { FaultKind, Profile } from './profile.ts'
import { createRandom, type Random } from './random.ts'

/** A fault that happened: `customer ses.PutSuppressedDestination #3: throttled`. */
export type Fault = { readonly id: string; readonly atMs: number }

export type Faults = {
  readonly interfere: Interfere
  /** The faults that happened, in order. */
  readonly happened: readonly Fault[]
  /** After how many calls the next invocation of a function is killed; undefined if it is not. */
  killAfter(functionName: string): number | undefined
  /** From now on nothing goes wrong. */
  heal(): void
}

export type FaultsOptions = {
  readonly seed: string
  readonly profile: Profile
  readonly machine: Machine
  /** The faults that may happen. Default: all. */
  readonly only?: ReadonlySet<string> | undefined
  /** Is told every call that a service carried out or refused. */
  readonly observe: (call: ServiceCall, result: CallResult) => void
}

export type CallResult = { readonly answer: object } | { readonly error: AwsError }

/** Calls that AWS makes for itself without end, or that a run needs to be judged. */
const spared = new Set(['logs', 'cloudformation', 'iam'])

export function createFaults({ seed, profile, machine, only, observe }: FaultsOptions): Faults {
  const happened: Fault[] = []
  const counts = new Map<string, number>()
  const startMs = machine.now()
  let isHealed = false

  /** Whether an outage meets a call. Each outage is one fault, however many calls it meets. */
  const isDown = ({ service }: ServiceCall): boolean => {
    const sinceMs = machine.now() - startMs
    const outage = profile.outages.find((one) => one.service === service && one.fromMs <= sinceMs && sinceMs < one.toMs)
    if (!outage || isHealed) return false
    const id = `outage of ${service}`
    if (only && !only.has(id)) return false
    if (!happened.some((fault) => fault.id === id)) happened.push({ id, atMs: machine.now() })
    return true
  }

  /** Draws for the next call at a point. */
  const drawAt = (point: string): { random: Random; name: string } => {
    const count = (counts.get(point) ?? 0) + 1
    counts.set(point, count)
    return { random: createRandom(`${seed}/${point}/${count}`), name: `${point} #${count}` }
  }
  const choose = <Kind extends string>(
    odds: Readonly<Partial<Record<Kind, number>>>,
    kinds: readonly Kind[],
    { random, name }: { random: Random; name: string },
  ): Kind | undefined => {
    if (isHealed) return undefined
    for (const kind of kinds) {
      if (!random.chance(odds[kind] ?? 0)) continue
      const id = `${name}: ${kind}`
      if (only && !only.has(id)) return undefined
      happened.push({ id, atMs: machine.now() })
      return kind
    }
    return undefined
  }
  const wait = (milliseconds: number) => new Promise<void>((resolve) => machine.after(milliseconds, resolve))

  const carryOut = async (call: ServiceCall, run: Parameters<Interfere>[1]): Promise<object> => {
    try {
      const answer = await run(call)
      observe(call, { answer })
      return answer
    } catch (cause) {
      if (cause instanceof AwsError) observe(call, { error: cause })
      throw cause
    }
  }

  const requested: Interfere = async (call, run) => {
    const draw = drawAt(`${placeOf(call)} ${call.service}.${call.operation}`)
    // Each call is a task of its own: of two at the same time, the seed decides which comes first, and not how many promises each has awaited.
    const latencyMs = draw.random.below(draw.random.chance(0.05) ? 900 : 30)
    await wait(profile.hasLatency ? latencyMs : 0)
    const kind = isDown(call) ? 'failed' : choose(profile.calls, kindsFor(call), draw)
    if (kind === undefined) return carryOut(call, run)
    if (kind === 'slow') {
      const [before, after] = [draw.random.below(40_000), draw.random.below(40_000)]
      await wait(before)
      const answer = await carryOut(call, run)
      await wait(after)
      return answer
    }
    if (kind === 'failed after the effect' || kind === 'answer lost') await carryOut(call, run)
    if (kind === 'answer lost' || kind === 'no answer') {
      await wait(3_000 + draw.random.below(12_000))
      throw new NoAnswerError(call.operation)
    }
    const error = errorOf(kind, call.service)
    observe(call, { error })
    throw error
  }

  const delivered: Interfere = async (call, run) => {
    const draw = drawAt(`${placeOf(call)} ${call.service}.${call.operation} ${targetOf(call)}`)
    // The embedded EventBridge does not repeat a delivery, as the real one does for a day.
    const kinds = isBySns(call) ? (['unreachable', 'late', 'twice'] as const) : (['late', 'twice'] as const)
    const kind = choose(profile.deliveries, kinds, draw)
    if (kind === 'unreachable') throw new AwsError('ServiceException', 'The service is not reachable.', 500)
    if (kind === 'late') await wait(draw.random.below(draw.random.pick([5_000, 60_000, 40 * 60_000])))
    if (kind === 'twice') {
      const second = draw.random.below(draw.random.pick([1_000, 10 * 60_000]))
      machine.start(second, async () => void (await carryOut(call, run)))
    }
    return carryOut(call, run)
  }

  const polled: Interfere = async (call, run) => {
    const draw = drawAt(`${placeOf(call)} ${call.service}.${call.operation}`)
    const kind = choose(profile.deliveries, ['poll fails', 'split'], draw)
    if (kind === 'poll fails') throw new AwsError('InternalServerError', 'The poller failed.', 500)
    return carryOut(kind === 'split' ? withSmallBatch(call, draw.random) : call, run)
  }

  return {
    happened,
    heal: () => {
      isHealed = true
    },
    killAfter(functionName) {
      const draw = drawAt(`${functionName} invocation`)
      if (isHealed || !draw.random.chance(profile.kills)) return undefined
      const afterCalls = draw.random.below(9)
      const id = `${draw.name}: killed after ${afterCalls} calls`
      if (only && !only.has(id)) return undefined
      happened.push({ id, atMs: machine.now() })
      return afterCalls
    },
    async interfere(call, run) {
      if (spared.has(call.service)) return run(call)
      const { principal, accessKeyId } = call.caller
      if (principal.kind === 'root') return carryOut(call, run)
      if (accessKeyId !== '') return requested(call, run)
      if (principal.kind === 'service') return isDelivery(call) ? delivered(call, run) : carryOut(call, run)
      return isPoll(call) ? polled(call, run) : carryOut(call, run)
    },
  }
}

const isBySns = ({ caller: { principal } }: ServiceCall): boolean =>
  principal.kind === 'service' && principal.service === 'sns.amazonaws.com'

const isDelivery = (call: ServiceCall): boolean => {
  const { principal } = call.caller
  const isByRule = principal.kind === 'service' && principal.service === 'events.amazonaws.com'
  return (isBySns(call) || isByRule) && (call.operation === 'Invoke' || call.operation === 'SendMessage')
}

const polls = ['ReceiveMessage', 'GetRecords', 'DeleteMessageBatch', 'GetShardIterator', 'DescribeStream']
const isPoll = ({ operation }: ServiceCall): boolean => polls.includes(operation)

/** The caller, so that the points of one function do not depend on the calls of another. */
function placeOf({ caller: { principal, role } }: ServiceCall): string {
  if (role) return `${role.name}/${role.sessionName}`.replaceAll(/[0-9a-f-]{16,}/g, '*')
  return principal.kind === 'service' ? principal.service : principal.kind
}

const targetOf = ({ input }: ServiceCall): string =>
  String(input.FunctionName ?? input.QueueUrl ?? '').replace(/^.*[:/]/, '')

function kindsFor({ service, account, caller }: ServiceCall): readonly FaultKind[] {
  const always = ['throttled', 'failed', 'failed after the effect', 'no answer', 'answer lost', 'slow'] as const
  const isOfCustomer = service === 'ses' && caller.isSession
  const isAssumed =
    caller.isSession && caller.role?.sessionName !== undefined && !caller.role.sessionName.startsWith('sesame-dev-')
  // A function's own session is renewed by Lambda, and an application brings its own.
  if (!isAssumed || service === 'execute-api' || account === '') return always
  return isOfCustomer ? [...always, 'session rejected', 'refused'] : [...always, 'session rejected']
}

const throttles: Readonly<Record<string, [string, number]>> = {
  dynamodb: ['ThrottlingException', 400],
  ses: ['TooManyRequestsException', 429],
  sts: ['Throttling', 400],
  sqs: ['RequestThrottled', 403],
  events: ['ThrottlingException', 400],
  lambda: ['TooManyRequestsException', 429],
  'execute-api': ['TooManyRequests', 429],
}

function errorOf(kind: FaultKind, service: string): AwsError {
  if (kind === 'throttled') {
    const [code, status] = throttles[service] ?? ['ThrottlingException', 400]
    return new AwsError(code, 'Rate exceeded', status)
  }
  if (kind === 'session rejected')
    return new AwsError('ExpiredTokenException', 'The security token included in the request is expired', 403)
  if (kind === 'refused')
    return new AwsError('AccessDeniedException', 'An explicit deny of the organisation refuses it.', 403)
  return new AwsError('InternalServerError', 'The service failed.', 500)
}

/** The same call for fewer records: a batch is cut differently. */
function withSmallBatch(call: ServiceCall, random: Random): ServiceCall {
  const size = 1 + random.below(3)
  if (call.operation === 'GetRecords') return { ...call, input: { ...call.input, Limit: size } }
  if (call.operation === 'ReceiveMessage') return { ...call, input: { ...call.input, MaxNumberOfMessages: size } }
  return call
}
