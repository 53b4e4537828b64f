/** The files of the page, as Vite has built them: `web/dist`. */
import { readdir, readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type DashboardResponse, securityHeaders } from './http.ts'

/** In a checkout and in the package: both have it in the root. */
export const builtPage = fileURLToPath(new URL('../../web/dist/', import.meta.url))

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
}

/** The page was not built. */
class PageMissingError extends Error {
  override readonly name = 'PageMissingError'
  readonly retryable = false

  constructor(options?: ErrorOptions) {
    super('The page of the dashboard is not built. Run: npm run build:web', options)
  }
}

export type Assets = (path: string) => DashboardResponse | undefined

/**
 * Reads every file once. A request names one of them or nothing: no path of a request reaches the file system.
 * @throws PageMissingError
 */
export async function readAssets(folder: string = builtPage): Promise<Assets> {
  const files = await readdir(folder, { recursive: true, withFileTypes: true }).catch((cause: unknown) => {
    throw new PageMissingError({ cause })
  })
  const contents = new Map<string, DashboardResponse>()
  for (const file of files.filter((one) => one.isFile() && !one.name.startsWith('.'))) {
    const path = join(file.parentPath, file.name)
    const name = path.slice(folder.length).replaceAll('\\', '/')
    // Vite writes a hash of the content into each name in assets/.
    const caching = name.startsWith('assets/') ? 'public, max-age=31536000, immutable' : 'no-store'
    contents.set(name, {
      status: 200,
      headers: {
        ...securityHeaders,
        'content-type': types[extname(name)] ?? 'application/octet-stream',
        'cache-control': caching,
      },
      body: await readFile(path),
    })
  }
  const index = contents.get('index.html')
  if (!index) throw new PageMissingError()
  return (path) => (path === '' ? index : contents.get(path))
}
