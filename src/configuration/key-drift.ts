/**
 * Drift of the encryption of a topic or queue. Sesame sets up none with a KMS key, because the service that publishes or delivers needs the
 * permission to use the key.
 *
 * No one can give a service the permission to use AWS's own key (`alias/aws/sns`, `alias/aws/sqs`), so the repair removes it. The policy of
 * another key may allow the service; Sesame may not read it. So such a key is reported and stays:
 * docs/design/configuration.md#why-is-a-kms-key-drift
 * https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
 */
import type { Drift } from './drift.ts'

const ofAws = /^(?:arn:[^:]+:kms:[^:]+:\d{12}:)?alias\/aws\/(?:sns|sqs)$/

export type Encrypted = {
  /** `topic ARN` or `our queue NAME`. */
  readonly what: string
  readonly key: string | undefined
  /** The services that use it: `ses.amazonaws.com`. */
  readonly service: string
  readonly removeKey: () => Promise<void>
}

export function keyDrift({ what, key, service, removeKey }: Encrypted): Drift[] {
  if (key === undefined) return []
  const text = `The ${what} is encrypted with the KMS key ${key}`
  if (!ofAws.test(key))
    return [
      {
        kind: 'encrypted with a key',
        text: `${text}. Events are lost unless the policy of the key allows ${service} to use kms:Decrypt and kms:GenerateDataKey. Remove the key, or see with sesame doctor --mail whether events arrive`,
      },
    ]
  return [
    {
      kind: 'encrypted with a key',
      text: `${text}, which ${service} cannot use: events are lost`,
      repair: async () => {
        await removeKey()
        return `removed the KMS key of the ${what}`
      },
    },
  ]
}
