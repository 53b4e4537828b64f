/** The deployed stack with two projects, and applications that may call the HTTP API for one project each. */
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb'
import { CreateConfigurationSetCommand, CreateEmailIdentityCommand, SESv2Client } from '@aws-sdk/client-sesv2'
import { type Aws, type StartOptions, startAws } from '../../local/aws.ts'
import { type Clock, createManualClock } from '../../local/clock.ts'
import type { AwsCredentials } from '../../local/service.ts'
import { readQuery } from '../../local/wire/request.ts'
import { customerRoleOf } from '../../src/access/role/customer-role.ts'
import { signedHeadersOf } from '../../src/client/sign.ts'
import { createProjectChanges } from '../../src/projects/change-project.ts'
import { type Connection, features } from '../../src/projects/connection.ts'
import { connectionItemOf } from '../../src/projects/connection-item.ts'
import { createEvidenceWriter } from '../../src/suppression/add-evidence.ts'
import type { Evidence } from '../../src/suppression/evidence.ts'
import { createRulings } from '../../src/suppression/rule-by-hand.ts'
import { assume } from '../local/sign-in.ts'

export const ACME = '111122223333'
export const GLOBEX = '444455556666'
export const endpoint = 'http://sesame.localhost:4566'

export type ApiResponse = {
  status: number
  headers: Record<string, string>
  body: Record<string, unknown>
  text: string
}
export type ApiRequest = {
  method?: string
  path: string
  body?: unknown
  /** Instead of a JSON body. */
  text?: string
  headers?: Record<string, string>
  as?: AwsCredentials
}

export type ApiStack = Awaited<ReturnType<typeof apiStack>>

export async function apiStack(options: StartOptions = {}) {
  const clock: Clock = createManualClock(new Date('2026-03-04T05:06:07.000Z'))
  const aws: Aws = await startAws({ clock, ...options })
  const dynamodb = new DynamoDBClient(aws.clientConfig(aws.credentials.root(aws.account)))
  const projects = createProjectChanges(dynamodb, 'sesame-dev-projects')
  const context = { by: 'ann', at: clock.now(), request: 'b5c1c0de' }
  await projects.add({ id: 'acme', account: ACME, configurationSets: ['sesame-acme'] }, context)
  await projects.add({ id: 'globex', account: GLOBEX, configurationSets: ['sesame-globex'] }, context)
  const evidence = createEvidenceWriter(dynamodb, 'sesame-dev-suppressions', clock.now)

  /** A new session of an application, after the last one has expired. */
  const renew = (name: string) =>
    assume(aws, aws.credentials.root(aws.account), { RoleArn: `arn:aws:iam::${aws.account}:role/${name}` })

  /** A session of a role that allows these patterns of `METHOD/path`. */
  async function application(name: string, ...patterns: string[]): Promise<AwsCredentials> {
    const role = aws.roles.create(aws.account, {
      RoleName: name,
      AssumeRolePolicyDocument: {
        Version: '2012-10-17',
        Statement: [
          { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${aws.account}:root` }, Action: 'sts:AssumeRole' },
        ],
      },
      Policies: [
        {
          PolicyName: 'call-the-api',
          PolicyDocument: {
            Version: '2012-10-17',
            Statement: [
              {
                Effect: 'Allow',
                Action: 'execute-api:Invoke',
                Resource: patterns.map(
                  (pattern) => `arn:aws:execute-api:us-east-1:${aws.account}:sesameapi0/$default/${pattern}`,
                ),
              },
            ],
          },
        },
      ],
    })
    return renew(role.name)
  }
  const acmeApp = await application('acme-mailer', '*/projects/acme/*')
  const globexApp = await application('globex-mailer', '*/projects/globex/*')

  async function call({
    method = 'POST',
    path,
    body,
    text,
    headers = {},
    as = acmeApp,
  }: ApiRequest): Promise<ApiResponse> {
    const sent = text ?? (body === undefined ? '' : JSON.stringify(body))
    const given = { ...(sent !== '' && { 'content-type': 'application/json' }), ...headers }
    const url = new URL(path, endpoint)
    const signed = signedHeadersOf({ method, url, headers: given, body: sent }, 'us-east-1', as, new Date())
    const answer = await aws.handle({
      method,
      path: url.pathname,
      query: readQuery(url.search.slice(1)),
      headers: { ...signed, host: url.host },
      body: Buffer.from(sent),
    })
    const answered = Buffer.from(answer.body).toString()
    return { status: answer.status, headers: answer.headers, text: answered, body: JSON.parse(answered || '{}') }
  }

  return {
    aws,
    clock,
    dynamodb,
    projects,
    context,
    acmeApp,
    globexApp,
    application,
    renew,
    call,
    rulings: createRulings(dynamodb, 'sesame-dev-suppressions'),
    /** Adds evidence and lets the stream consumer see it. */
    async bounce(project: string, address: string, kind: 'hard' | 'soft' = 'hard', at = clock.now()) {
      const one: Evidence = {
        kind,
        at,
        feedbackId: `f-${at.getTime()}`,
        cause: kind === 'hard' ? 'Permanent/General' : 'Transient/MailboxFull',
        status: kind === 'hard' ? '5.1.1' : '4.2.2',
      }
      await evidence.add(project, new Map([[address, one]]))
      await aws.settled()
    },
    /** Marks the connection of a project as quarantined, as a failed proof does. */
    async quarantine(project: string, account: string) {
      await dynamodb.send(
        new PutItemCommand({
          TableName: 'sesame-dev-projects',
          Item: {
            id: { S: project },
            facet: { S: 'connection' },
            account: { S: account },
            region: { S: 'us-east-1' },
            externalId: { S: '0123456789abcdef0123456789abcdef' },
            topics: { S: 'ours' },
            features: { SS: ['reading', 'sending'] },
            revision: { S: 'r1' },
            provenAt: { S: '2026-03-01T00:00:00.000Z' },
            brokenSince: { S: '2026-03-02T00:00:00.000Z' },
            brokenWhy: { S: 'the role can be assumed without an external id' },
          },
        }),
      )
    },
    /** Connects a project as a passed proof does: the customer's role, a verified domain, and the configuration set. */
    async connect(project: string, account: string, rest: Partial<Connection> = {}): Promise<Connection> {
      const connection: Connection = {
        project,
        account,
        region: 'us-east-1',
        roleArn: `arn:aws:iam::${account}:role/sesame/sesame-${project}`,
        externalId: account.padStart(32, '0'),
        topics: 'ours',
        features: [...features],
        state: 'proven',
        revision: 'r1',
        ...rest,
      }
      await dynamodb.send(
        new PutItemCommand({
          TableName: 'sesame-dev-projects',
          Item: { ...connectionItemOf(connection), provenAt: { S: clock.now().toISOString() } },
        }),
      )
      aws.roles.create(account, customerRoleOf(connection, aws.account))
      const ses = new SESv2Client(aws.clientConfig(aws.credentials.root(account)))
      await ses.send(new CreateEmailIdentityCommand({ EmailIdentity: `${project}.example` }))
      await ses.send(new CreateConfigurationSetCommand({ ConfigurationSetName: `sesame-${project}` }))
      return connection
    },
    /** The mails that an account has sent. */
    mails: (account: string) => aws.ses.account(account).outgoingMails,
    lines: (name: string) => aws.lambda.logLines(`sesame-dev-${name}`),
  }
}
