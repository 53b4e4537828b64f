/**
 * Deliberate bugs: each replaces one text in one file of `src`, in memory. A simulation that finds none of its seeds wrong with a bug would not find
 * the bug either. `src` itself stays as it is.
 */
import { registerHooks } from 'node:module'

export type Bug = {
  readonly name: string
  /** Below `src/`. */
  readonly file: string
  readonly from: string
  readonly to: string
  /** A seed that finds it, of the first 200. */
  readonly seed: number
}

export const bugs: readonly Bug[] = [
  {
    name: 'an error of a write is swallowed',
    file: 'suppression/add-evidence.ts',
    from: '.catch((error: unknown) => failures.push(error))',
    to: '.catch(() => undefined)',
    seed: 15,
  },
  {
    name: 'only the first recipient is counted',
    file: 'activity/activity.ts',
    from: '[...new Set(recipients)].sort().map(',
    to: '[...new Set(recipients)].sort().slice(0, 1).map(',
    seed: 1,
  },
  {
    name: 'only the first recipient is looked up',
    file: 'sending/check-recipients.ts',
    from: 'addressesOf(recipients), markKeyOf',
    to: 'addressesOf(recipients.slice(0, 1)), markKeyOf',
    seed: 5,
  },
  {
    name: 'a cache key has no project',
    file: 'access/session/project-data.ts',
    from: 'const known = cache.get(project)',
    to: "const known = cache.get('acme')",
    seed: 2,
  },
  {
    name: 'a message that failed is acknowledged',
    file: 'lambda/each-message.ts',
    from: 'return { outcomes, batchItemFailures }',
    to: 'return { outcomes, batchItemFailures: [] }',
    seed: 1,
  },
  {
    name: 'a time to live is in milliseconds',
    file: 'activity/record.ts',
    from: 'Math.floor(expiresAt / 1000)',
    to: 'Math.floor(expiresAt)',
    seed: 1,
  },
  {
    name: 'an ambiguous send is repeated',
    file: 'handlers/send-email.ts',
    from: 'new SESv2Client({ ...client, region, credentials, maxAttempts: 1,',
    to: 'new SESv2Client({ ...client, region, credentials, maxAttempts: 3,',
    seed: 25,
  },
  {
    name: 'a send that died is run again',
    file: 'api/idempotency.ts',
    from: "const mayTakeOver = request.ifAbandoned ? '' :",
    to: "const mayTakeOver = request.ifAbandoned === undefined && '' ? '' :",
    seed: 20,
  },
  {
    name: 'an account that fails for good is not marked',
    file: 'propagation/apply-pending.ts',
    from: 'if (retried.length < messages.length) await outOfSync.mark(project.id, now())',
    to: '',
    seed: 19,
  },
  {
    name: 'a log line has the address',
    file: 'handlers/feedback.ts',
    from: '.map(pseudonymOf)',
    to: '.map((address) => `${pseudonymOf(address)} ${address}`)',
    seed: 1,
  },
  {
    name: 'a reinstatement overrules newer evidence',
    file: 'suppression/judge.ts',
    from: 'time ? evidence.filter(({ at }) => at > time) : evidence',
    to: 'time ? [] : evidence',
    seed: 6,
  },
  {
    name: 'a list that cannot be read allows every mail',
    file: 'sending/check-recipients.ts',
    from: "sending?.ifListUnreadable ?? 'refuse'",
    to: "'send'",
    seed: 14,
  },
  {
    name: 'an activity is counted with each delivery',
    file: 'activity/activity.ts',
    from: '`${messageId}#${event.type}#${keyed(recipient)}#${distinct}`',
    to: '`${messageId}#${event.type}#${keyed(recipient)}#${distinct}#${Date.now()}`',
    seed: 1,
  },
  {
    name: 'a reinstatement does not reach the account list',
    file: 'propagation/apply-verdict.ts',
    from: 'removals.add(await list.remove(spelling))',
    to: "removals.add('not there')",
    seed: 10,
  },
  {
    name: 'a ruling is answered and not written',
    file: 'suppression/rule-by-hand.ts',
    from: 'updateItem(dynamodb, table, {',
    to: 'Promise.resolve(true) || updateItem(dynamodb, table, {',
    seed: 1,
  },
  {
    name: 'a complaint does not count',
    file: 'suppression/judge.ts',
    from: 'complaints(counts, rules),',
    to: 'undefined,',
    seed: 1,
  },
]

/** A bug names a text that its file does not have exactly once: the file has changed. */
class BugTextError extends Error {
  override readonly name = 'BugTextError'
  readonly retryable = false
  readonly bug: string
  readonly file: string

  constructor(bug: string, file: string) {
    super(`The bug "${bug}" must name a text that src/${file} has exactly once: adapt local/simulation/bugs.ts`)
    this.bug = bug
    this.file = file
  }
}

/** Puts a bug into the modules that are loaded from now on. */
export function plant({ name, file, from, to }: Bug): void {
  registerHooks({
    load(url, context, next) {
      const loaded = next(url, context)
      if (!url.endsWith(`/src/${file}`)) return loaded
      const source = String(loaded.source)
      if (source.split(from).length !== 2) throw new BugTextError(name, file)
      return { ...loaded, source: source.replace(from, () => to) }
    },
  })
}
