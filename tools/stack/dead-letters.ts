/**
 * Checks that the failed events of every function end in a dead-letter queue, and that an alarm watches each such queue. A function without
 * them loses events without a sign. A request of the HTTP API is answered at once, so its caller sees the failure.
 */
import type { Template } from '../../src/template/template.ts'

/** A message for each function or queue that lacks something. Each names the file and the remedy. */
export function deadLetterProblems({ functions, resources }: Pick<Template, 'functions' | 'resources'>): string[] {
  const watched = new Set(
    [...resources.values()]
      .filter(({ Type, Properties }) => Type === 'AWS::CloudWatch::Alarm' && Properties.MetricName === waitingMessages)
      .flatMap(({ Properties }) => referencedIds(Properties.Dimensions)),
  )
  const unwatched = (owner: string, queues: readonly string[]) =>
    queues
      .filter((queue) => !watched.has(queue))
      .map(
        (queue) =>
          `infra/alarms.yml: no alarm watches ${queue}, the dead-letter queue of ${owner}. Add an alarm with \`<<: *deadLetters\` and this queue.`,
      )
  const perFunction = [...functions].flatMap(([name, block]) => {
    const sources = block.events.flatMap(referencedIds).flatMap((id) => resources.get(id) ?? [])
    const queues = [block.destinations, block.events, sources].flatMap(deadLetterTargets)
    const isAsynchronous = block.events.some((event) => !('httpApi' in event)) || block.maximumRetryAttempts > 0
    return isAsynchronous && queues.length === 0
      ? [
          `serverless.yml: ${name} has no dead-letter queue. Add a queue to infra/dead-letters.yml and \`destinations.onFailure\` to the function.`,
        ]
      : unwatched(name, queues)
  })
  const perResource = [...resources].flatMap(([id, { Properties }]) => unwatched(id, deadLetterTargets(Properties)))
  return [...new Set([...perFunction, ...perResource])]
}

const waitingMessages = 'ApproximateNumberOfMessagesVisible'

const targetKeys = new Set(['onFailure', 'deadLetterTargetArn', 'deadLetterTargetRef', 'DeadLetterConfig'])

/** Logical ids of the queues that the value names as targets of failed events. */
function deadLetterTargets(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, item]) =>
    targetKeys.has(key) ? (typeof item === 'string' ? [item] : referencedIds(item)) : deadLetterTargets(item),
  )
}

/** Logical ids to which the value refers by Ref or Fn::GetAtt. */
function referencedIds(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, item]) => {
    if (key === 'Ref') return [String(item)]
    return key === 'Fn::GetAtt' ? [String([item].flat()[0]).split('.')[0] ?? ''] : referencedIds(item)
  })
}
