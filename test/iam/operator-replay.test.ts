/** The operator's grants on the queue of undelivered notifications of connected projects. */
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { expect, test } from 'vitest'
import { startAws } from '../../local/aws.ts'
import { registerReplay } from '../../src/cli/replay.ts'
import { run } from '../cli/operator.ts'
import { account, sesEvent } from '../suppression/feedback.ts'

test('the operator makes an undelivered notification visible again if its replay fails', async () => {
  const aws = await startAws()
  const config = aws.clientConfig(aws.credentials.root(aws.account))
  const event = sesEvent(
    { kind: 'hard', addresses: ['a@example.com'], at: new Date('2026-03-01T10:00:00Z'), feedbackId: 'one' },
    'of-no-project',
  )
  const topic = `arn:aws:sns:${aws.region}:${aws.account}:sesame-${aws.stage}-connected-bounces-1`
  const notification = { Type: 'Notification', MessageId: 'one', TopicArn: topic, Message: JSON.stringify(event) }
  await new SQSClient(config).send(
    new SendMessageCommand({
      QueueUrl: `${config.endpoint}/${aws.account}/sesame-${aws.stage}-connected-dead-letters`,
      MessageBody: JSON.stringify(notification),
    }),
  )
  const { printed, ok } = await run(aws, registerReplay, 'replay', '--yes')
  expect(ok).toBe(false)
  expect(printed).toContain(`No project owns account ${account} with configuration set of-no-project`)
  const calls = aws.record.filter(({ role }) => role.endsWith('-operator'))
  expect(calls.map(({ action, verdict }) => `${action} ${verdict}`)).toContain('sqs:ChangeMessageVisibility allowed')
})
