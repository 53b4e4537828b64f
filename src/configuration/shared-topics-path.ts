/** The delivery path through our shared topics, whose policies allow SES to publish for the project's configuration set. */
import type { Connection } from '../projects/connection.ts'
import type { AllowedSource, AllowedSources } from './allowed-sources.ts'
import { type DeliveryPath, sourceArnOf } from './delivery-path.ts'
import type { Drift } from './drift.ts'
import { keyDrift } from './key-drift.ts'
import { samePolicy } from './policy-documents.ts'
import { allowSource, ownerAllowing, revokeSource, updatePolicy } from './resource-policies.ts'
import type { TopicKind, TopicPair } from './topics-and-queue.ts'

const remedy =
  'Connect the project with --topics customer, or add a pair of topics: docs/design/configuration.md#why-two-pairs-of-shared-topics'

/** @param pairs in the order in which they are filled */
export function createSharedTopicsPath(pairs: readonly TopicPair[], allowedSources: AllowedSources): DeliveryPath {
  return {
    async drift(connection, kinds) {
      const source = sourceOf(connection)
      const pair = await pairOf(connection)
      const stored = pair && (await allowedSources.list(pair.key)).find(({ project }) => project === source.project)
      if (pair && stored?.sourceArn === source.sourceArn) return policyDrift(pair, source.project, kinds)
      return [
        {
          kind: 'not allowed',
          text: `The policies of our topics do not allow ${source.sourceArn}`,
          repair: async () => {
            const { name } = await allowSource(pairs, allowedSources, source, remedy)
            return `allowed SES to publish events of ${source.project} to ${name}`
          },
        },
      ]
    },

    async topicsFor(connection, kind) {
      const pair = await pairOf(connection)
      return (pair ? [pair] : pairs).map(({ topics }) => topics[kind])
    },

    async leftovers(connection) {
      const { project } = connection
      const pair = await pairOf(connection)
      if (!pair) return []
      const repair = async () => {
        await revokeSource(pairs, allowedSources, project)
        return `revoked the permission of SES to publish events of ${project} to ${pair.name}`
      }
      return [
        {
          kind: 'unused path',
          text: `The policies of ${pair.name} still allow ${project}, which uses other topics`,
          repair,
        },
      ]
    },

    remove: ({ project }) => revokeSource(pairs, allowedSources, project),
  }

  async function pairOf({ project }: Connection): Promise<TopicPair | undefined> {
    const owner = await ownerAllowing(pairs, allowedSources, project)
    return pairs.find(({ key }) => key === owner?.key)
  }

  /** Compares the policies of the topics that the project uses with those of the allowed sources. */
  async function policyDrift(pair: TopicPair, project: string, kinds: readonly TopicKind[]): Promise<Drift[]> {
    const used = kinds.map((kind) => pair.topics[kind])
    const expected = pair.policies(await allowedSources.list(pair.key)).filter(({ arn }) => used.includes(arn))
    const found = await Promise.all(
      expected.map(async ({ arn, text }) => ({ arn, text, ...(await foundAt(pair, arn)) })),
    )
    return found.flatMap(({ arn, text, isMissing, policy, key }): Drift[] => {
      if (isMissing)
        return [
          { kind: 'our topic missing', text: `Our topic ${arn} does not exist. Run serverless deploy to create it` },
        ]
      const ofKey = keyDrift({
        what: `topic ${arn}`,
        key,
        service: 'ses.amazonaws.com',
        removeKey: () => pair.removeKey(arn),
      })
      if (samePolicy(policy, text)) return ofKey
      return [
        ...ofKey,
        {
          kind: 'policy changed',
          text: `The policy of our topic ${arn} is not the one that we set: it may refuse events of ${project}`,
          repair: async () => {
            await updatePolicy(pair, allowedSources)
            return `restored the policy of ${arn}`
          },
        },
      ]
    })
  }
}

const sourceOf = (connection: Connection): AllowedSource => ({
  project: connection.project,
  account: connection.account,
  sourceArn: sourceArnOf(connection),
})

type Found = { readonly isMissing: boolean; readonly policy?: string | undefined; readonly key?: string | undefined }

async function foundAt(pair: TopicPair, arn: string): Promise<Found> {
  try {
    return { isMissing: false, policy: await pair.read(arn), key: await pair.keyOf(arn) }
  } catch (error) {
    if (error instanceof Error && /^NotFound/.test(error.name)) return { isMissing: true }
    throw error
  }
}
