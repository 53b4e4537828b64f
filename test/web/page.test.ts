/** The page of the dashboard in a real browser, against the embedded AWS. */
import { SESv2Client, SendEmailCommand } from '@aws-sdk/client-sesv2'
import axe from 'axe-core'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Aws } from '../../local/aws.ts'
import { startAws } from '../../local/aws.ts'
import { customers } from '../../local/demo/customers.ts'
import { readProject } from '../../src/projects/project.ts'
import {
  bounceOf,
  judgeRates,
  loosenRole,
  preparedAws,
  publish,
  type Served,
  served,
  writeHistory,
} from '../dashboard/scene.ts'
import { browserPath, openBrowser, openPage, sayWhatIsSkipped, show } from './browser.ts'

sayWhatIsSkipped('the page of the dashboard')

const [acme, globex] = customers

describe.skipIf(browserPath === undefined)('the page of the dashboard', () => {
  let aws: Aws
  let board: Served
  let browser: Browser

  beforeAll(async () => {
    aws = await preparedAws()
    await writeHistory(aws)
    await judgeRates(aws)
    board = await served(aws)
    browser = await openBrowser()
  }, 60_000)
  afterAll(async () => {
    await browser.close()
    await board.close()
  })

  const opened = async (at = board, size?: { width: number; height: number }) => {
    const watched = await openPage(browser, size)
    await watched.page.goto(at.link())
    await watched.page.waitForSelector('.answer')
    return watched
  }

  /** The link to the screen of an address, by the search. */
  async function addressLink(page: Page, address: string, project: string): Promise<string> {
    await page.keyboard.press('/')
    await page.keyboard.type(address)
    await page.keyboard.press('Enter')
    const link = page.locator('dialog a', { hasText: `in ${project}` })
    const hash = (await link.getAttribute('href')) ?? ''
    await page.keyboard.press('Escape')
    return hash
  }

  /** A message that was sent, as its timeline is stored. */
  async function sentMessage(): Promise<string> {
    const ses = new SESv2Client(aws.clientConfig(aws.credentials.root(acme.account)))
    const { MessageId = '' } = await ses.send(mailTo('gone@customer.example'))
    await aws.settled()
    return MessageId
  }

  const mailTo = (address: string) =>
    new SendEmailCommand({
      FromEmailAddress: `news@${acme.domain}`,
      Destination: { ToAddresses: [address] },
      ConfigurationSetName: `sesame-${acme.id}`,
      Content: { Simple: { Subject: { Data: 'Hi' }, Body: { Text: { Data: 'Hi' } } } },
    })

  test('shows every screen in both schemes and on a phone, without a barrier, an error or a request to elsewhere', async () => {
    const { page, errors, origins, context } = await opened()
    const hashes = [
      '#/',
      '#/projects/acme',
      await addressLink(page, 'gone@customer.example', 'acme'),
      `#/messages/acme/${await sentMessage()}`,
      '#/connections',
      '#/connections/acme',
      '#/roles',
      '#/roles/notification-handler',
      '#/dead-letters',
    ]
    const looks = [
      { colorScheme: 'light', width: 1280 },
      { colorScheme: 'dark', width: 1280 },
      { colorScheme: 'light', width: 360 },
    ] as const
    for (const { colorScheme, width } of looks) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      await page.setViewportSize({ width, height: 800 })
      for (const hash of hashes) {
        await show(page, hash)
        const where = `${hash} ${colorScheme} ${width}`
        expect(await page.locator('h1').textContent(), where).toMatch(/\?$/)
        expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), where).toBeLessThanOrEqual(
          0,
        )
        expect(await barriersOf(page), where).toEqual([])
      }
    }
    expect(errors).toEqual([])
    expect([...origins]).toEqual([board.origin])
    await context.close()
  }, 90_000)

  /** What axe finds, in words. It is evaluated by the browser's own interface, which the policy of the page does not limit. */
  async function barriersOf(page: Page): Promise<string[]> {
    await page.evaluate(axe.source)
    const found: { id: string; nodes: { html: string }[] }[] = await page.evaluate(
      'axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) => violations.map(({ id, nodes }) => ({ id, nodes: nodes.map(({ html }) => ({ html })) })))',
    )
    return found.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)
  }

  test('the check for barriers finds one that is made', async () => {
    const { page, context } = await opened()
    await page.evaluate(() => document.querySelector('h1')?.replaceWith(document.createElement('img')))
    expect((await barriersOf(page)).join()).toContain('image-alt')
    await context.close()
  })

  test('a bounce that is sent while somebody looks appears by itself, and is told to a screen reader', async () => {
    const { page, context } = await opened()
    const count = page.locator('.figures div', { hasText: 'bounced' }).locator('strong')
    const before = Number(await count.textContent())
    aws.ses.mailboxes.set('new@customer.example', 'hard bounce')
    const ses = new SESv2Client(aws.clientConfig(aws.credentials.root(acme.account)))
    await ses.send(mailTo('new@customer.example'))
    await aws.settled()
    await page.waitForFunction(
      (wanted) =>
        [...document.querySelectorAll('.figures div')].some(
          (one) => one.textContent?.startsWith('bounced') && one.querySelector('strong')?.textContent === wanted,
        ),
      String(before + 1),
      { timeout: 15_000 },
    )
    // It is told after the number is painted.
    const told = `1 new bounced, ${before + 1} today.`
    await page.waitForSelector(`[role=status].reader-only:has-text("${told}")`, { state: 'attached' })
    expect(await page.locator('[role=status].reader-only').allTextContents()).toContain(told)
    await show(page, '#/projects/acme')
    // A list that took long to read is kept for some seconds.
    await page.waitForSelector('table[aria-label="Addresses suppressed last"] >> text=n•••@customer.example')
    expect(await page.locator('table[aria-label="Addresses suppressed last"]').textContent()).toContain(
      'n•••@customer.example',
    )
    await context.close()
  })

  test('a project that is held by its rates is the first that is said, with its numbers and where to read why', async () => {
    const { page, context } = await opened()
    expect(await page.locator('.answer').textContent()).toMatch(/Not all of it\. acme: held by its rates: .*%/)
    await page.locator('.attention a').first().click()
    await page.waitForSelector('text=How is acme doing, and why?')
    await page.waitForSelector('.notice.critical')
    expect(await page.textContent('main')).toContain('sesame resume acme')
    expect(await page.locator('table[aria-label=Causes] tbody tr').first().textContent()).toContain('No such mailbox')
    const limits = await page
      .locator('.chart-limit line')
      .evaluateAll((lines) => lines.map((line) => line.getAttribute('y1')))
    expect(limits[0]).toBe(limits[2])
    await context.close()
  })

  test('an address is found, judged and reinstated with the keyboard alone', async () => {
    const { page, context, errors } = await opened()
    await page.keyboard.press('/')
    await page.keyboard.type('annoyed@customer.example')
    await page.keyboard.press('Enter')
    await page.waitForSelector('dialog a:focus')
    await page.keyboard.press('Enter')
    await page.waitForSelector('text=May I mail this person?')
    await page.waitForSelector('.sign >> text=no')
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('H1')
    for (let presses = 0; presses < 20; presses++) {
      await page.keyboard.press('Tab')
      if ((await page.evaluate(() => document.activeElement?.textContent)) === 'Reinstate …') break
    }
    await page.keyboard.press('Enter')
    await page.waitForSelector('dialog input:focus')
    await page.keyboard.type('wrote to us')
    await page.keyboard.press('Enter')
    await page.waitForSelector('.answer .sign.good')
    expect(await page.locator('.timeline li').first().textContent()).toContain('By ann: wrote to us')
    expect(page.url()).not.toContain('annoyed')
    expect(await page.content()).not.toContain('annoyed@')
    expect(errors).toEqual([])
    await context.close()
  })

  test('an address is masked until somebody asks for it', async () => {
    const { page, context } = await opened()
    await show(page, await addressLink(page, 'full@customer.example', 'acme'))
    expect(await page.textContent('body')).not.toContain('full@')
    await page.click('text=Show the address')
    await page.waitForSelector('text=full@customer.example')
    await page.click('text=Mask it')
    await page.waitForSelector('text=f•••@customer.example')
    await context.close()
  })

  test('a hostile reply of a mail server and a hostile project name stay text', async () => {
    const attack = '<img src=x onerror=alert(1)>'
    const event = JSON.stringify(bounceOf('hostile@customer.example', 'sesame-acme')).replace('no such user', attack)
    await publish(aws, JSON.parse(event))
    await aws.settled()
    const { stack } = board.deps
    const project = { ...readProject({ id: 'acme', account: acme.account }), id: '<img src=x onerror=alert(1)>' }
    const hostile = await served(aws, { stack: { projects: { ...stack.projects, all: async () => [project] } } })
    const [real, named] = [await opened(), await opened(hostile)]
    await show(real.page, await addressLink(real.page, 'hostile@customer.example', 'acme'))
    expect(await real.page.locator('.timeline .code').first().textContent()).toContain(attack)
    expect(await named.page.locator('table[aria-label=Projects] th a').textContent()).toBe(project.id)
    for (const { page, errors, context } of [real, named]) {
      expect(await page.locator('img, main script').count()).toBe(0)
      expect(errors).toEqual([])
      await context.close()
    }
    await hostile.close()
  })

  test('the policy of the page refuses markup and scripts, should code ever try', async () => {
    const { page, errors, context } = await opened()
    const refused = await page.evaluate(() => {
      try {
        document.body.innerHTML = '<b>x</b>'
        return 'was accepted'
      } catch (error) {
        return String(error)
      }
    })
    expect(refused).toContain('TrustedHTML')
    expect(errors.join()).toContain('TrustedHTML')
    await context.close()
  })

  test('a quarantined connection shows the failed step open, with the text to paste and to copy', async () => {
    await loosenRole(aws, globex.id, globex.account)
    const { page, context } = await opened()
    await show(page, `#/connections/${globex.id}`)
    await page.click('text=Check now')
    await page.waitForSelector('.answer .sign.critical')
    const paste = page.locator('.copy pre').first()
    expect(await paste.isVisible()).toBe(true)
    expect(await paste.textContent()).toContain('EXTERNAL-ID-OF-THIS-PROJECT')
    await page.locator('.copy button').first().click()
    await page.waitForSelector('text=Copied')
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(await paste.textContent())
    const connection = await board.deps.stack.connections.find(globex.id)
    expect(await page.content()).not.toContain(connection?.externalId)
    await show(page, '#/')
    await page.waitForSelector('.attention >> text=connection quarantined')
    await context.close()
  })

  test('dead letters are replayed by a button, and one that fails again stays', async () => {
    const { page, context } = await opened()
    await show(page, '#/dead-letters')
    await page.click('text=Show the letters')
    await page.locator('.ids button').first().click()
    await page.waitForSelector('dialog pre >> text=•••@customer.example')
    await page.keyboard.press('Escape')
    await page.click('text=Replay 2 of them')
    await page.waitForSelector('text=failed again and stayed')
    await context.close()
  })

  test('a dashboard that only reads offers no change, and says how to get one', async () => {
    const readOnly = await served(aws, { canWrite: false })
    const { page, context } = await opened(readOnly)
    await show(page, await addressLink(page, 'gone@customer.example', 'acme'))
    expect(await page.locator('button', { hasText: /Suppress|Reinstate/ }).count()).toBe(0)
    expect(await page.textContent('main')).toContain('sesame dashboard --write')
    await context.close()
    await readOnly.close()
  })

  test('a link works once; afterwards the page says what to do, and a signed-in browser keeps working', async () => {
    const other = await served(aws)
    const link = other.link()
    const first = await openPage(browser)
    await first.page.goto(link)
    await first.page.waitForSelector('.answer')
    expect(first.page.url()).not.toContain(link.split('#')[1])
    const second = await openPage(browser)
    await second.page.goto(link)
    await second.page.waitForSelector('text=Open the dashboard with its link')
    await first.page.goto('about:blank')
    await first.page.goto(link)
    await first.page.waitForSelector('.answer')
    await Promise.all([first.context.close(), second.context.close()])
    await other.close()
  })

  test('a dashboard that has ended keeps the last state on the screen, and says what to do', async () => {
    const other = await served(aws)
    const { page, context } = await opened(other)
    await other.close()
    await page.waitForSelector('text=The dashboard does not answer.', { timeout: 15_000 })
    expect(await page.textContent('header')).toContain('not answering')
    expect(await page.locator('table[aria-label=Projects]').count()).toBe(1)
    await context.close()
  })

  test('an empty deployment says how to begin on each screen', async () => {
    const empty = await startAws()
    const other = await served(empty)
    const { page, context } = await opened(other)
    expect(await page.textContent('main')).toContain('sesame project add')
    await show(page, '#/connections')
    expect(await page.textContent('main')).toContain('sesame connect')
    await show(page, '#/dead-letters')
    expect(await page.textContent('main')).toContain('No dead letter')
    await context.close()
    await other.close()
  })
})
