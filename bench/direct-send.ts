/** What an application would do without Sesame: one SendEmail by the SDK. The baseline of sending-cpu.ts. */
import { SESv2Client, SendEmailCommand } from '@aws-sdk/client-sesv2'

const ses = new SESv2Client({ cacheMiddleware: true })

export const handler = (): Promise<unknown> =>
  ses.send(
    new SendEmailCommand({
      FromEmailAddress: 'news@acme.example',
      Destination: { ToAddresses: ['a@example.com'] },
      ConfigurationSetName: 'sesame-acme',
      Content: { Simple: { Subject: { Data: 'News' }, Body: { Text: { Data: 'News.' } } } },
    }),
  )
