/**
 * What `npm start` shows of access control: the calls of each role, and calls that must be refused.
 */
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb'
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns'
import { columnsOf } from '../../src/cli/columns.ts'
import { explain } from '../../src/policy/explain.ts'
import type { Aws } from '../aws.ts'
import type { AuthorisedCall } from '../service.ts'

/** The allowed calls as a table: role, action, resource and count. Calls of account administrators are left out. */
export function callsByRole(calls: readonly AuthorisedCall[], customers: readonly string[]): string {
  const anyCustomer = new RegExp(customers.join('|'), 'g')
  const groups = Map.groupBy(
    calls.filter(({ verdict, role }) => verdict === 'allowed' && role !== 'root'),
    ({ role, action, resource }) => `${role}\t${action}\t${shortArn(resource)}`.replaceAll(anyCustomer, 'CUSTOMER'),
  )
  const rows = [...groups].map(([key, { length }]) => [...key.split('\t'), `${length}×`])
  rows.sort((a, b) => (String(a) < String(b) ? -1 : 1))
  return columnsOf([['role', 'action', 'resource', 'calls'], ...rows])
}

/** The refused calls, each once: role, action, resource and the deciding reason. */
export function refusals(calls: readonly AuthorisedCall[]): string[] {
  const denied = calls.filter(({ verdict }) => verdict === 'denied')
  return [
    ...new Set(
      denied.map(
        ({ role, action, resource, decision }) =>
          `${role} may not ${action} on ${shortArn(resource)}\n    ${explain(decision)}`,
      ),
    ),
  ]
}

/**
 * Makes two calls that must be refused: the handler's role reads the suppression list, and a foreign account publishes to the topic.
 * @returns the calls that were allowed
 */
export async function tryForbiddenCalls(aws: Aws): Promise<string[]> {
  const handler = aws.functions.get('record-bounce')
  if (!handler) throw new Error('serverless.yml has no function record-bounce')
  const asHandler = aws.clientConfig(
    await aws.assumeAsService('lambda.amazonaws.com', handler.roleArn, 'tries-to-read'),
  )
  const asForeignAccount = aws.clientConfig(aws.credentials.root('999900001111'))
  const forbidden = {
    'the handler read the suppression list': new DynamoDBClient(asHandler).send(
      new GetItemCommand({
        TableName: `sesame-${aws.stage}-suppressions`,
        Key: { project: { S: 'acme' }, address: { S: 'gone@customer.example' } },
      }),
    ),
    'a foreign account published to the bounces topic': new SNSClient(asForeignAccount).send(
      new PublishCommand({
        TopicArn: `arn:aws:sns:${aws.region}:${aws.account}:sesame-${aws.stage}-bounces`,
        Message: '{}',
      }),
    ),
  }
  const results = await Promise.allSettled(Object.values(forbidden))
  return Object.keys(forbidden).filter((_, i) => results[i]?.status === 'fulfilled')
}

/** `arn:aws:dynamodb:us-east-1:123456789012:table/x` → `table/x`; for a log stream, its group. */
const shortArn = (arn: string): string =>
  arn
    .split(':')
    .slice(5)
    .join(':')
    .replace(/:log-stream:.*/, '') || arn
