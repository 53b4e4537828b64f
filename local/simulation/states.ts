/** Interesting states: each must be reached by some run. A state that no seed reaches is one that the simulation does not test. */
import type { Outcome } from './outcome.ts'

export type State = { readonly name: string; readonly isReached: (outcome: Outcome) => boolean }

const logged = (pattern: RegExp) => (outcome: Outcome) => outcome.log.some(({ line }) => pattern.test(line))
const called = (pattern: RegExp) => (outcome: Outcome) =>
  [...outcome.history.calls.keys()].some((name) => pattern.test(name))
const faulted = (pattern: RegExp) => (outcome: Outcome) => outcome.faults.some(({ id }) => pattern.test(id))
const failedWith = (error: string) => (outcome: Outcome) => outcome.attempts.some((attempt) => attempt.error === error)
const toldOf = (test: (state: string) => boolean) => (outcome: Outcome) =>
  outcome.told.some(({ outcomes }) => [...(outcomes?.values() ?? [])].some(test))

export const states: readonly State[] = [
  { name: 'an address was suppressed on the account list', isReached: logged(/suppressed there/) },
  { name: 'an address was lifted from the account list', isReached: logged(/lifted there/) },
  { name: 'an address waited in the retry queue', isReached: logged(/"parked: /) },
  { name: 'an address was left to the reconcile', isReached: logged(/left to the reconcile/) },
  { name: 'a dead letter was replayed', isReached: ({ replayed }) => replayed > 0 },
  { name: 'a function was killed between two calls', isReached: failedWith('Runtime.ExitError') },
  { name: 'a function was frozen beyond its timeout', isReached: failedWith('Sandbox.Timedout') },
  { name: 'an invocation was retried', isReached: ({ attempts }) => attempts.some(({ number }) => number > 1) },
  { name: 'a session was rejected in the middle of its work', isReached: faulted(/session rejected$/) },
  { name: 'an account refused a call', isReached: faulted(/refused$/) },
  { name: 'the role of a customer was missing', isReached: called(/^sts\.AssumeRole AccessDenied/) },
  { name: 'a service was down', isReached: faulted(/^outage/) },
  { name: 'an answer was lost after its effect', isReached: faulted(/answer lost$/) },
  { name: 'a delivery came twice', isReached: faulted(/twice$/) },
  { name: 'a delivery was late', isReached: faulted(/: late$/) },
  { name: 'a subscriber was unreachable', isReached: faulted(/unreachable$/) },
  { name: 'a batch of a stream was cut differently', isReached: faulted(/GetRecords.*split$/) },
  { name: 'a poller failed', isReached: faulted(/poll fails$/) },
  { name: 'a conditional write lost against a newer one', isReached: called(/UpdateItem ConditionalCheckFailed/) },
  { name: 'a mail was sent by the API', isReached: toldOf((state) => state === 'sent') },
  { name: 'a mail was refused by the guard', isReached: toldOf((state) => state === 'refused') },
  { name: 'the outcome of a mail was unknown', isReached: toldOf((state) => state === 'unknown') },
  {
    name: 'an application got an earlier answer again',
    isReached: ({ told }) => told.some(({ isReplayed }) => isReplayed),
  },
  { name: 'a ruling stood against an older one', isReached: toldOf((state) => state.startsWith('ignored')) },
  {
    name: 'an application was answered after many attempts',
    isReached: ({ told }) => told.some(({ attempts }) => attempts > 4),
  },
  { name: 'an echo of the account list was ignored', isReached: logged(/ignored: echo/) },
  { name: 'a clock was wrong by minutes', isReached: ({ profile }) => profile.clockErrorMs > 60_000 },
  {
    name: 'an entry of the owner was adopted',
    isReached: ({ history }) =>
      history.writes.some(
        ({ role, texts }) => role.includes('reconcile') && texts.some((text) => text.includes('account-list')),
      ),
  },
  {
    name: 'a connection was proven',
    isReached: ({ attempts }) =>
      attempts.some(({ functionName, error }) => functionName.includes('prove') && error === undefined),
  },
  {
    name: 'uses of roles were audited',
    isReached: ({ attempts }) => attempts.some(({ functionName }) => functionName.includes('audit')),
  },
  {
    name: 'a day was sealed',
    isReached: ({ attempts }) =>
      attempts.some(({ functionName, error }) => functionName.includes('seal') && error === undefined),
  },
]
