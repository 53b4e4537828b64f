/** The page of the dashboard. */
import { useSignal } from '@preact/signals'
import { render } from 'preact'
import { useEffect } from 'preact/hooks'
import { announcement } from './announce.ts'
import { Problem } from './parts/basics.tsx'
import { Dialog } from './parts/dialog.tsx'
import { Head, screens } from './parts/head.tsx'
import { Screen } from './parts/screen.tsx'
import { isTyping } from './parts/search.tsx'
import { goTo, route } from './router.ts'
import { Address } from './screens/address.tsx'
import { Connection, Connections } from './screens/connections.tsx'
import { DeadLetters } from './screens/dead-letters.tsx'
import { Message } from './screens/message.tsx'
import { Overview } from './screens/overview.tsx'
import { Project } from './screens/project.tsx'
import { Role, Roles } from './screens/roles.tsx'
import { session, signIn } from './session.ts'

const keys = [
  ['/', 'find an address, a message or a project'],
  ...screens.map(({ name }, index) => [String(index + 1), name]),
  ['t', 'go to the answer of the screen'],
  ['?', 'show these keys'],
  ['Esc', 'close'],
]

function App() {
  const showsKeys = useSignal(false)
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (isTyping(event)) return
      if (event.key === '?') showsKeys.value = true
      if (event.key === 't') document.querySelector<HTMLElement>('#main h1')?.focus()
      const screen = screens[Number(event.key) - 1]
      if (screen) goTo(screen.to)
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [])
  return (
    <>
      <Head onKeys={() => (showsKeys.value = true)} />
      <Content />
      <div class="reader-only" role="status">
        {announcement.value}
      </div>
      {showsKeys.value && (
        <Dialog title="Keys" onClose={() => (showsKeys.value = false)}>
          <dl class="keys">
            {keys.map(([key, what]) => (
              <div key={key}>
                <dt>
                  <kbd>{key}</kbd>
                </dt>
                <dd>{what}</dd>
              </div>
            ))}
          </dl>
          <div class="actions">
            <button type="button" onClick={() => (showsKeys.value = false)}>
              Close
            </button>
          </div>
        </Dialog>
      )}
    </>
  )
}

function Content() {
  const state = session.value
  if (state.state === 'refused')
    return (
      <main id="main">
        <h1>Open the dashboard with its link</h1>
        <Problem problem={state.problem} />
        <p>
          The terminal in which <code>npm start</code> or <code>sesame dashboard</code> runs prints the link. Only a
          browser on this computer can use it.
        </p>
      </main>
    )
  if (state.state === 'loading') return <Screen question="Is my mail healthy?" answer={undefined} problem={undefined} />
  const [first, one = '', two = ''] = route.value
  if (first === undefined) return <Overview />
  if (first === 'projects' && one) return <Project key={one} id={one} />
  if (first === 'addresses' && one) return <Address key={one} reference={one} />
  if (first === 'messages' && one && two) return <Message key={two} project={one} id={two} />
  if (first === 'connections') return one ? <Connection key={one} project={one} /> : <Connections />
  if (first === 'roles') return one ? <Role key={one} name={one} /> : <Roles />
  if (first === 'dead-letters') return <DeadLetters />
  return (
    <main id="main">
      <h1>There is no such screen</h1>
      <p>
        <a href="#/">Is my mail healthy?</a>
      </p>
    </main>
  )
}

const page = document.getElementById('page')
if (page) render(<App />, page)
void signIn()
