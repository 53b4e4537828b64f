/** A real Chromium for the tests of the page. Without one they are skipped, and the run says so. */
import { existsSync } from 'node:fs'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'

const places = [
  process.env.SESAME_CHROMIUM ?? '',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]

export const browserPath: string | undefined = places.find((path) => path !== '' && existsSync(path))

/** Called by each file of tests that needs a browser. */
export function sayWhatIsSkipped(what: string): void {
  if (browserPath === undefined)
    console.warn(
      `There is no Chromium on this machine, so ${what} is not tested. Install it (apt-get install chromium), or name it in SESAME_CHROMIUM.`,
    )
}

/** Without a sandbox, because CI runs as root; and without calls of its own to the network. */
const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

export const openBrowser = (): Promise<Browser> =>
  chromium.launch({ ...(browserPath !== undefined && { executablePath: browserPath }), args: flags })

export type Watched = {
  readonly context: BrowserContext
  readonly page: Page
  /** Errors of the page and refusals of its policy. */
  readonly errors: readonly string[]
  /** The origins that the page asked. */
  readonly origins: ReadonlySet<string>
}

/** A new page that notes what goes wrong. */
export async function openPage(browser: Browser, size = { width: 1280, height: 900 }): Promise<Watched> {
  const context = await browser.newContext({ viewport: size, permissions: ['clipboard-read', 'clipboard-write'] })
  const page = await context.newPage()
  const errors: string[] = []
  const origins = new Set<string>()
  page.on('pageerror', (error) => errors.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') errors.push(message.text())
  })
  page.on('request', (request) => origins.add(new URL(request.url()).origin))
  return { context, page, errors, origins }
}

/** Goes to a screen and waits for its answer. */
export async function show(page: Page, hash: string): Promise<void> {
  await page.evaluate((to) => {
    location.hash = to
  }, hash)
  await page.waitForFunction((to) => location.hash === to, hash)
  await page.waitForSelector('.answer')
}
