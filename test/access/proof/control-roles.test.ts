import { GetAccountCommand, SESv2Client } from '@aws-sdk/client-sesv2'
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts'
import { beforeAll, describe, expect, test } from 'vitest'
import { type Aws, startAws } from '../../../local/aws.ts'

const prefix = 'arn:aws:iam::123456789012:role/sesame/sesame-dev-us-east-1'

let aws: Aws
let probe: STSClient
beforeAll(async () => {
  aws = await startAws()
  const session = await aws.assumeAsService('lambda.amazonaws.com', `${prefix}-connection-probe`, 'test')
  probe = new STSClient(aws.clientConfig(session))
})

/** A session of a control role, opened by the probe's role. */
async function sessionOf(control: 'open' | 'closed', ExternalId?: string) {
  const { Credentials } = await probe.send(
    new AssumeRoleCommand({
      RoleArn: `${prefix}-probe-control-${control}`,
      RoleSessionName: 'test',
      ...(ExternalId !== undefined && { ExternalId }),
    }),
  )
  const { AccessKeyId = '', SecretAccessKey = '', SessionToken = '' } = Credentials ?? {}
  return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken }
}

describe('the control roles of the probe', () => {
  test.each([
    ['open', undefined],
    ['closed', '0'.repeat(32)],
  ] as const)('a session of the %s control role may not make any call', async (control, externalId) => {
    const ses = new SESv2Client(aws.clientConfig(await sessionOf(control, externalId)))
    await expect(ses.send(new GetAccountCommand({}))).rejects.toThrow(/explicit deny in an identity-based policy/)
  })

  test('the closed control role refuses the probe without an external id and with another one', async () => {
    await expect(sessionOf('closed')).rejects.toThrow(/not authorized/)
    await expect(sessionOf('closed', 'f'.repeat(32))).rejects.toThrow(/not authorized/)
  })

  test('the probe may not assume another role of the account', async () => {
    const assume = new AssumeRoleCommand({ RoleArn: `${prefix}-operator`, RoleSessionName: 'test' })
    await expect(probe.send(assume)).rejects.toThrow(/not authorized/)
  })
})
