/**
 * Makes the pictures of docs/dashboard.md: `npm run screenshots`. It needs Chromium. Look at each picture before you commit it.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { SESv2Client, SendEmailCommand } from '@aws-sdk/client-sesv2'
import type { Page } from 'playwright-core'
import type { Aws } from '../../local/aws.ts'
import { customers } from '../../local/demo/customers.ts'
import { command, judgeRates, loosenRole, preparedAws, served, writeHistory } from '../dashboard/scene.ts'
import { openBrowser, openPage, show } from './browser.ts'
import { smallPng } from './small-png.ts'

const folder = fileURLToPath(new URL('../../docs/images/', import.meta.url))
const [acme, globex] = customers

/** A mail that is delivered to one recipient and bounces for the other. @returns its message id */
async function sendOne(aws: Aws): Promise<string> {
  const ses = new SESv2Client(aws.clientConfig(aws.credentials.root(acme.account)))
  const { MessageId = '' } = await ses.send(
    new SendEmailCommand({
      FromEmailAddress: `orders@${acme.domain}`,
      Destination: { ToAddresses: ['ada@customer.example', 'moved@customer.example'] },
      ConfigurationSetName: `sesame-${acme.id}`,
      Content: { Simple: { Subject: { Data: 'Your order' }, Body: { Text: { Data: 'It is on its way.' } } } },
    }),
  )
  await aws.settled()
  return MessageId
}

/** The reference of an address, by the search of the page. */
const addressHash = (page: Page, address: string): Promise<string> =>
  page.evaluate(async (text) => {
    const answer = await fetch('/dashboard/api/search', {
      method: 'POST',
      headers: { 'x-sesame-dashboard': '1' },
      body: JSON.stringify({ text }),
    })
    return (await answer.json()).found[0].to
  }, address)

const aws = await preparedAws()
await writeHistory(aws)
await judgeRates(aws)
aws.ses.mailboxes.set('moved@customer.example', 'hard bounce')
const messageId = await sendOne(aws)
await command(aws, 'reinstate', 'acme', 'annoyed@customer.example', '--why', 'wrote to us', '--by', 'ann')
await loosenRole(aws, globex.id, globex.account)
await command(aws, 'doctor', globex.id)
const board = await served(aws)
const browser = await openBrowser()
mkdirSync(folder, { recursive: true })

const { page, errors } = await openPage(browser)
await page.goto(board.link())
await page.waitForSelector('.answer')

/** @param height pixels that are shown; the whole page if absent */
async function picture(name: string, hash: string, height?: number): Promise<void> {
  await show(page, hash)
  if (name === 'connection') {
    await page.click('text=Check now')
    await page.waitForSelector('.copy pre')
  }
  await page.waitForTimeout(400)
  const width = page.viewportSize()?.width ?? 0
  const png = await page.screenshot(height === undefined ? { fullPage: true } : { clip: { x: 0, y: 0, width, height } })
  writeFileSync(`${folder}${name}.png`, smallPng(png))
}

const sizes = { wide: { width: 1180, height: 1300 }, phone: { width: 360, height: 1000 } }
await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' })
await page.setViewportSize(sizes.wide)
await picture('overview', '#/')
await picture('project', '#/projects/acme', 1300)
await picture('address', await addressHash(page, 'moved@customer.example'), 620)
await picture('message', `#/messages/acme/${messageId}`, 760)
await picture('connection', `#/connections/${globex.id}`, 1000)
await picture('roles', '#/roles', 1000)
await picture('dead-letters', '#/dead-letters', 560)
await page.emulateMedia({ colorScheme: 'dark' })
await picture('overview-dark', '#/')
await picture('project-dark', '#/projects/acme', 1300)
await page.setViewportSize(sizes.phone)
await picture('overview-phone', '#/', 1000)
await picture('address-phone', await addressHash(page, 'moved@customer.example'), 1000)

await browser.close()
await board.close()
if (errors.length > 0) throw new Error(`The page reported errors: ${errors.join('; ')}`)
process.exit()
