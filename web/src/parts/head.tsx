/** The head of every screen: where this is, whether it is live, search, the screens, and the theme. */
import { countText } from '../../../src/charts/numbers.ts'
import { clock, isAnswering, lastAnswerAt } from '../live.ts'
import { route } from '../router.ts'
import { session } from '../session.ts'
import { nextTheme, theme } from '../theme.ts'
import { Search } from './search.tsx'

export const screens = [
  { name: 'Overview', to: '#/', first: undefined },
  { name: 'Connections', to: '#/connections', first: 'connections' },
  { name: 'Roles', to: '#/roles', first: 'roles' },
  { name: 'Dead letters', to: '#/dead-letters', first: 'dead-letters' },
] as const

const themeTexts = { system: '◐ as the system', light: '☀ light', dark: '☾ dark' } as const

export function Head({ onKeys }: { onKeys: () => void }) {
  const about = session.value
  return (
    <header>
      <button type="button" class="skip" onClick={skip}>
        Skip to the answer
      </button>
      <div class="line">
        <a class="brand" href="#/">
          Sesame
        </a>
        {about.state === 'open' && (
          <span class="place">
            {about.region} · {about.stage} · {about.canWrite ? 'may write' : 'read-only'}
          </span>
        )}
        <LiveSign />
        <span class="tools">
          <button
            type="button"
            class="small"
            onClick={nextTheme}
            aria-label={`Colours: ${themeTexts[theme.value].slice(2)}. Change`}
          >
            {themeTexts[theme.value].slice(0, 1)}
          </button>
          <button type="button" class="small" onClick={onKeys} aria-label="Show the keys">
            ?
          </button>
        </span>
      </div>
      <div class="line">
        <nav aria-label="Screens">
          {screens.map(({ name, to, first }) => (
            <a key={to} href={to} aria-current={route.value[0] === first ? 'page' : undefined}>
              {name}
            </a>
          ))}
        </nav>
        <Search />
      </div>
    </header>
  )
}

function skip(): void {
  document.querySelector<HTMLElement>('#main h1')?.focus()
}

function LiveSign() {
  const at = lastAnswerAt.value
  if (!isAnswering.value) return <span class="live critical">■ not answering</span>
  if (at === undefined) return <span class="live unknown">○ asking</span>
  const seconds = Math.max(0, Math.round((clock.value - at) / 1_000))
  return (
    <span class={`live ${seconds > 15 ? 'warning' : 'good'}`}>
      {seconds > 15 ? '▲' : '●'} live, {countText(seconds)} s ago
    </span>
  )
}
