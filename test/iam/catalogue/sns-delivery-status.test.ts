import { SNSClient, SubscribeCommand } from '@aws-sdk/client-sns'
import { expect, test } from 'vitest'
import { startAws } from '../../../local/aws.ts'

test.each(['bounces', 'complaints'])(
  'SNS logs what it could not deliver from the %s topic, under its role and without the content',
  async (name) => {
    const aws = await startAws()
    const topic = `arn:aws:sns:${aws.region}:${aws.account}:sesame-${aws.stage}-${name}`
    const log = `sns/${aws.region}/${aws.account}/sesame-${aws.stage}-${name}/Failure`
    const administrator = new SNSClient(aws.clientConfig(aws.credentials.root(aws.account)))
    const probe = aws.functions.get('probe-connection')?.arn
    // This function does not permit the topic to invoke it.
    await administrator.send(new SubscribeCommand({ TopicArn: topic, Protocol: 'lambda', Endpoint: probe }))
    const behalf = {
      sourceAccount: aws.account,
      sourceArn: `arn:aws:ses:${aws.region}:${aws.account}:configuration-set/sesame`,
    }
    const message = 'Successfully validated SNS topic for Amazon SES event publishing.'
    await aws.callAsService('ses.amazonaws.com', behalf, 'sns', 'Publish', { TopicArn: topic, Message: message })
    await aws.settled()

    const [line, ...others] = aws.lambda.logs.lines(log)
    expect(others).toEqual([])
    expect(JSON.parse(line ?? '')).toMatchObject({
      status: 'FAILURE',
      notification: { topicArn: topic },
      delivery: { destination: probe, providerResponse: 'AccessDeniedException' },
    })
    expect(line).not.toContain('validated')
    const own = aws.record.filter(({ role }) => role.endsWith('-sns-delivery-status'))
    expect(own.map(({ action, verdict }) => `${action} ${verdict}`)).toEqual([
      'logs:CreateLogGroup allowed',
      'logs:CreateLogStream allowed',
      'logs:PutLogEvents allowed',
    ])
  },
)
