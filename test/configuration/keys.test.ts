import { SetTopicAttributesCommand, SNSClient } from '@aws-sdk/client-sns'
import { SetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs'
import { beforeAll, describe, expect, test } from 'vitest'
import type { UsableConnection } from '../../src/projects/connection.ts'
import { ACME, type Deployed, deployed, GLOBEX, OURS, QUEUE, topic } from './configured-account.ts'

const kind = 'encrypted with a key'
const ownKey = `arn:aws:kms:us-east-1:${OURS}:key/1234abcd-12ab-34cd-56ef-1234567890ab`
const customersTopic = `arn:aws:sns:us-east-1:${GLOBEX}:sesame-globex-feedback`

describe('a KMS key', () => {
  let it: Deployed
  let acme: UsableConnection
  let globex: UsableConnection
  beforeAll(async () => {
    it = await deployed()
    acme = await it.connected('acme', ACME)
    globex = await it.connected('globex', GLOBEX, { topics: 'customer' })
    await it.configuration().configure(acme)
    await it.configuration().configure(globex)
  })

  const encryptTopic = (TopicArn: string, AttributeValue: string) =>
    new SNSClient(it.aws.clientConfig(it.aws.credentials.root(TopicArn.split(':')[4] ?? ''))).send(
      new SetTopicAttributesCommand({ TopicArn, AttributeName: 'KmsMasterKeyId', AttributeValue }),
    )
  const encryptQueue = (KmsMasterKeyId: string) =>
    new SQSClient(it.aws.clientConfig(it.aws.credentials.root(OURS))).send(
      new SetQueueAttributesCommand({ QueueUrl: it.queueUrl, Attributes: { KmsMasterKeyId } }),
    )
  let count = 0
  /** Whether a bounce of a new address arrives. */
  const arrives = async (connection: UsableConnection) => {
    const address = `bounce+${count++}@simulator.amazonses.com`
    await it.send(connection, address)
    return (await it.listed(connection.project)).includes(address)
  }

  type Encryption = [
    what: string,
    to: () => UsableConnection,
    encrypt: (key: string) => Promise<unknown>,
    named: string,
  ]
  const places: Encryption[] = [
    ['our topic', () => acme, (key) => encryptTopic(topic('bounces'), key), topic('bounces')],
    ["the customer's topic", () => globex, (key) => encryptTopic(customersTopic, key), customersTopic],
    ['our queue', () => globex, encryptQueue, QUEUE.split(':').at(-1) ?? ''],
  ]

  test.each(places)(
    "AWS's own key on %s stops the events, is drift, and the repair removes it",
    async (_, to, encrypt, named) => {
      expect(await arrives(to())).toBe(true)
      for (const key of ['alias/aws/sns', `arn:aws:kms:us-east-1:${OURS}:alias/aws/sqs`]) {
        await encrypt(key)
        expect(await arrives(to())).toBe(false)
        const drift = await it.configuration().driftOf(to())
        expect(drift).toEqual([
          {
            kind,
            text: expect.stringContaining(`${named} is encrypted with the KMS key ${key}, which`),
            repairable: true,
          },
        ])
        expect((await it.configuration().repair(to())).remaining).toEqual([])
        expect(await arrives(to())).toBe(true)
      }
    },
  )

  test.each(places)(
    'another key on %s is reported and stays, because its policy may allow the service',
    async (_, to, encrypt, named) => {
      await encrypt(ownKey)
      const found = [
        {
          kind,
          text: expect.stringContaining(`${named} is encrypted with the KMS key ${ownKey}. Events are lost unless`),
          repairable: false,
        },
      ]
      expect(await it.configuration().driftOf(to())).toEqual(found)
      expect(await it.configuration().repair(to())).toMatchObject({ done: [], remaining: found })
      await encrypt('')
      expect(await it.configuration().driftOf(to())).toEqual([])
    },
  )

  test('SES refuses an event destination whose topic is encrypted', async () => {
    it.set(acme)?.destinations.delete('sesame-bounces')
    await encryptTopic(topic('bounces'), ownKey)
    expect(await it.configuration().configure(acme)).toMatchObject({
      topics: 'customer',
      refused: expect.stringContaining('could not publish'),
    })
  })
})
