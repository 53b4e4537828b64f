/**
 * Runs every call to a service, in this order: the service's input check, authorisation, the operation itself.
 *
 * CloudTrail records AssumeRole, whether it succeeds or fails.
 */
import { actionTable } from '../src/policy/actions.ts'
import type { Clock } from './clock.ts'
import type { CloudTrail } from './cloudtrail/cloudtrail.ts'
import type { Gate } from './gate.ts'
import type { Interfere } from './interference.ts'
import { AwsError, type Service, type ServiceCall } from './service.ts'
import type { Backend } from './wire/handler.ts'

export type Services = Readonly<Record<string, Service>>

/** Services and CloudTrail are functions, because they are created after the dispatcher. */
export type DispatcherContext = {
  /** The account for a caller without one (a service principal). */
  account: string
  clock: Clock
  gate: Gate
  services: () => Services
  cloudtrail: () => CloudTrail
  /** What a simulation puts between every caller and every service. */
  interfere?: Interfere | undefined
}

export function createDispatcher(context: DispatcherContext): Pick<Backend, 'has' | 'serve'> {
  const has: Backend['has'] = (name, operation) =>
    Object.hasOwn(context.services()[name]?.operations ?? {}, operation) && actionTable.has(`${name}:${operation}`)

  const serve: Backend['serve'] = async (name, operation, input, region, caller) => {
    const service = context.services()[name]
    const run = service?.operations[operation]
    if (!service || !run || !has(name, operation)) {
      throw new AwsError('UnknownOperationException', `The embedded AWS does not support ${name} ${operation}.`)
    }
    const account = caller.account || context.account
    const execute = async (asked: ServiceCall): Promise<object> => {
      const call = { ...asked, at: context.clock.now() }
      service.checks?.[operation]?.(call)
      const authoriseAndRun = async (): Promise<object> => {
        context.gate.authorise(call, service)
        return run(call)
      }
      return operation === 'AssumeRole' ? context.cloudtrail().record(call, authoriseAndRun) : authoriseAndRun()
    }
    const call: ServiceCall = { service: name, operation, input, account, region, caller, at: context.clock.now() }
    return context.interfere ? context.interfere(call, execute) : execute(call)
  }
  return { has, serve }
}
