/** The screen that the address bar names: `#/projects/acme` → `['projects', 'acme']`. */
import { signal } from '@preact/signals'

function partsOf(hash: string): string[] {
  try {
    return hash.replace(/^#\/?/, '').split('/').filter(Boolean).map(decodeURIComponent)
  } catch {
    return []
  }
}

export const route = signal<readonly string[]>(partsOf(location.hash))

addEventListener('hashchange', () => {
  route.value = partsOf(location.hash)
  scrollTo(0, 0)
})

export function goTo(hash: string): void {
  location.hash = hash
}

/** The token of the link that the terminal printed: the fragment, unless it names a screen. It is taken out of the address bar at once. */
export function takeToken(): string | undefined {
  const fragment = location.hash.slice(1)
  if (fragment === '' || fragment.startsWith('/')) return undefined
  history.replaceState(null, '', `${location.pathname}#/`)
  route.value = []
  return fragment
}
