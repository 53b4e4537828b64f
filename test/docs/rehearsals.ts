/** What happens in the rehearsals of docs/operations.md, beside the commands that are typed there: each is a line that begins with `#`. */

import { DeleteItemCommand, DynamoDBClient, PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb'
import { DeleteConfigurationSetEventDestinationCommand, SESv2Client, SendEmailCommand } from '@aws-sdk/client-sesv2'
import { DeleteQueueCommand, SQSClient } from '@aws-sdk/client-sqs'
import { type Aws, startAws } from '../../local/aws.ts'
import { createManualClock } from '../../local/clock.ts'
import { applicationOf } from '../../local/demo/application.ts'
import { platforms } from '../../local/demo/application-role.ts'
import { customers, joinSesame } from '../../local/demo/customers.ts'
import { createInProcessFetch } from '../../local/in-process-fetch.ts'
import { factoriesFor } from '../../local/webhook-receivers.ts'
import { registerCommands } from '../../src/cli/commands.ts'
import { createSesame } from '../../src/client/client.ts'
import { publicNetwork } from '../../src/webhooks/post.ts'
import { operatorOf, run } from '../cli/operator.ts'
import { sesEvent } from '../suppression/feedback.ts'

const [acme] = customers
const projectsTable = 'sesame-dev-projects'
const listTable = 'sesame-dev-suppressions'

export type Rehearsal = Awaited<ReturnType<typeof startRehearsal>>

/** The deployed stack with the connected customer acme. */
export async function startRehearsal() {
  const clock = createManualClock(new Date('2026-03-04T05:06:07Z'))
  // A network in which no name has an address: the receiver of the webhook is gone.
  const network = { ...publicNetwork, resolve: async () => [] }
  const aws = await startAws({ clock, factories: factoriesFor('http://127.0.0.1:1', network) })
  await joinSesame(aws, await operatorOf(aws), acme)
  aws.ses.mailboxes.set('gone@customer.example', 'hard bounce')
  return { aws, clock, actions: actionsOn(aws) }
}

/** By the words of the page. */
function actionsOn(aws: Aws): Readonly<Record<string, () => Promise<unknown>>> {
  const ours = aws.clientConfig(aws.credentials.root(aws.account))
  const theirs = aws.clientConfig(aws.credentials.root(acme.account))
  const dynamodb = new DynamoDBClient(ours)
  const minutes = (count: number) => aws.advance(count * 60_000)

  const send = (to: string) =>
    new SESv2Client(theirs)
      .send(
        new SendEmailCommand({
          FromEmailAddress: `hello@${acme.domain}`,
          Destination: { ToAddresses: [to] },
          ConfigurationSetName: 'sesame-acme',
          Content: { Simple: { Subject: { Data: 'Hi' }, Body: { Text: { Data: 'Hi' } } } },
        }),
      )
      .then(() => aws.settled())

  /** An event of an account, as SES publishes it. */
  const publish = async (address: string, set: string) => {
    const event = sesEvent({ kind: 'hard', addresses: [address], at: aws.clock.now(), feedbackId: 'lost' }, set)
    await aws.callAsService(
      'ses.amazonaws.com',
      { sourceAccount: acme.account, sourceArn: `arn:aws:ses:us-east-1:${acme.account}:configuration-set/sesame-acme` },
      'sns',
      'Publish',
      {
        TopicArn: `arn:aws:sns:us-east-1:${aws.account}:sesame-dev-connected-bounces-1`,
        Message: JSON.stringify(event),
      },
    )
    await aws.settled()
  }

  const storedSettings = async () => {
    const { Items = [] } = await dynamodb.send(
      new QueryCommand({
        TableName: projectsTable,
        KeyConditionExpression: 'id = :id AND facet = :facet',
        ExpressionAttributeValues: { ':id': { S: 'acme' }, ':facet': { S: 'settings' } },
      }),
    )
    return Items[0] ?? {}
  }
  let settings = {}

  const itemsOfAcme = async () => {
    const query = new QueryCommand({
      TableName: listTable,
      KeyConditionExpression: '#project = :project',
      ExpressionAttributeNames: { '#project': 'project' },
      ExpressionAttributeValues: { ':project': { S: 'acme' } },
    })
    return (await dynamodb.send(query)).Items ?? []
  }
  let restored: Awaited<ReturnType<typeof itemsOfAcme>> = []

  const crash = (name: string, times: number) =>
    aws.lambda.functions
      .get(`sesame-dev-${name}`)
      ?.crashes.push(...Array.from({ length: times }, () => ({ afterCalls: 0 })))

  const fire = async (name: string) => {
    const schedule = aws.eventbridge.schedules.find(({ functionArn }) => functionArn.endsWith(name))
    if (!schedule) throw new Error(`${name} has no schedule`)
    await aws.eventbridge.fire(schedule)
    await aws.settled()
  }

  const list = aws.ses.account(acme.account)
  return {
    'A mail to gone@customer.example bounces.': () => send('gone@customer.example'),
    'Mail bounces that was sent with a configuration set of no project.': () =>
      publish('lost@customer.example', 'newsletter'),
    'A minute passes.': () => minutes(1),
    'Four days pass.': async () => {
      for (let hour = 0; hour < 4 * 24; hour++) await minutes(60)
    },
    'The receiver of a webhook of acme has no address any more.': () =>
      run(aws, registerCommands, 'webhook', 'add', 'acme', 'https://hooks.customer.example/sesame'),
    'Ten days pass.': () => minutes(10 * 24 * 60),
    'Half an hour passes.': async () => {
      for (let i = 0; i < 6; i++) await minutes(5)
    },
    'Three runs of prove-connections end in the middle.': async () => {
      crash('prove-connections', 3)
      await fire('prove-connections')
    },
    'The next run of prove-connections ends well.': () => fire('prove-connections'),
    'The first attempt to record a bounce does not run to its end.': async () => void crash('record-bounce', 1),
    'Nobody can read the settings of acme.': async () => {
      settings = await storedSettings()
      await dynamodb.send(new PutItemCommand({ TableName: projectsTable, Item: { ...settings, settings: { S: '{' } } }))
    },
    'The settings of acme are as before.': () =>
      dynamodb.send(new PutItemCommand({ TableName: projectsTable, Item: settings })),
    'The dead-letter queue of connected accounts is deleted by mistake, and record-bounce does not run.': async () => {
      crash('record-bounce', 9)
      const QueueUrl = `http://sesame.localhost:4566/${aws.account}/sesame-dev-record-bounce-dead-letters`
      await new SQSClient(ours).send(new DeleteQueueCommand({ QueueUrl }))
    },
    'SES throttles every call about the list of acme.': async () => {
      list.throttle.next = Number.POSITIVE_INFINITY
    },
    'SES answers again.': async () => {
      list.throttle.next = 0
    },
    'The customer deletes the event destination for bounces.': () =>
      new SESv2Client(theirs).send(
        new DeleteConfigurationSetEventDestinationCommand({
          ConfigurationSetName: 'sesame-acme',
          EventDestinationName: 'sesame-bounces',
        }),
      ),
    'An application asks whether it may mail gone@customer.example.': async () => {
      const credentials = await applicationOf(aws, acme, platforms[1])
      const sesame = createSesame({
        project: 'acme',
        endpoint: 'http://sesame.localhost:4566',
        region: aws.region,
        credentials,
        fetch: createInProcessFetch(aws.handle),
      })
      await sesame.check(['gone@customer.example']).catch(() => undefined)
    },
    'Somebody deletes the list of acme by mistake.': async () => {
      restored = await itemsOfAcme()
      for (const { project, address } of restored)
        if (project && address)
          await dynamodb.send(new DeleteItemCommand({ TableName: listTable, Key: { project, address } }))
      await aws.settled()
    },
    'The items of the restored table that are missing are put back.': async () => {
      for (const Item of restored)
        await dynamodb.send(
          new PutItemCommand({ TableName: listTable, Item, ConditionExpression: 'attribute_not_exists(address)' }),
        )
      await aws.settled()
    },
    'Of 40 mails, 3 bounce.': async () => {
      for (let i = 0; i < 37; i++) await send(`person${i}@customer.example`)
      for (let i = 0; i < 3; i++) {
        aws.ses.mailboxes.set(`gone${i}@customer.example`, 'hard bounce')
        await send(`gone${i}@customer.example`)
      }
    },
  }
}
