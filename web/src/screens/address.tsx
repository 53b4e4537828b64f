/** May I mail this person? */
import { useSignal } from '@preact/signals'
import { AddressAnswer, RevealAnswer, RulingAnswer } from '../../../src/dashboard/address-answers.ts'
import { announce } from '../announce.ts'
import { type ProblemError, post, problemOf } from '../api.ts'
import { useLive } from '../live.ts'
import { Empty, Problem, Time } from '../parts/basics.tsx'
import { ReasonDialog } from '../parts/reason-dialog.tsx'
import { Screen, Section } from '../parts/screen.tsx'
import { canWrite } from '../session.ts'

type Decision = 'suppress' | 'reinstate'
const titles: Readonly<Record<Decision, string>> = {
  suppress: 'Suppress this address',
  reinstate: 'Reinstate this address',
}
const done: Readonly<Record<Decision, string>> = { suppress: 'suppressed', reinstate: 'reinstated' }

export function Address({ reference }: { reference: string }) {
  const { value, problem, again } = useLive(`addresses/${reference}`, AddressAnswer)
  const asked = useSignal<Decision | undefined>(undefined)
  const outcome = useSignal('')
  const rule = async (decision: Decision, why: string) => {
    const answer = await post(`addresses/${reference}/rulings`, { decision, why }, RulingAnswer)
    outcome.value =
      answer.outcome === 'recorded' ? `The address is ${done[decision]}.` : `Nothing changed: ${answer.outcome}.`
    announce(outcome.value)
    again()
  }
  return (
    <Screen
      question="May I mail this person?"
      about={value && <About value={value} />}
      answer={
        value && {
          ...value,
          standing: value.state === 'clear' ? 'good' : 'critical',
          word: value.state === 'clear' ? 'yes' : 'no',
        }
      }
      problem={problem}
    >
      {value && (
        <>
          <dl class="facts">
            {value.reason !== undefined && <Fact name="reason">{value.reason}</Fact>}
            {value.since !== undefined && (
              <Fact name="since">
                <Time at={value.since} />
              </Fact>
            )}
            {value.state === 'suppressed' && (
              <Fact name="until">
                {value.until === undefined ? 'somebody reinstates it' : <Time at={value.until} />}
              </Fact>
            )}
          </dl>
          {canWrite() ? (
            <div class="actions">
              <button
                type="button"
                onClick={() => (asked.value = 'reinstate')}
                class={value.state === 'suppressed' ? 'primary' : ''}
              >
                Reinstate …
              </button>
              <button
                type="button"
                onClick={() => (asked.value = 'suppress')}
                class={value.state === 'clear' ? 'primary' : ''}
              >
                Suppress …
              </button>
              <span role="status">{outcome.value}</span>
            </div>
          ) : (
            <p class="note">
              This dashboard only reads. To rule on the address: <code>sesame dashboard --write</code>
            </p>
          )}
          <Section title="Evidence and rulings" note="Latest first. Codes and replies are as SES reported them.">
            {value.entries.length === 0 && (
              <Empty>Nothing is stored about this address. Bounces, complaints and rulings appear here.</Empty>
            )}
            <ol class="timeline">
              {value.entries.map((entry) => (
                <li key={`${entry.at} ${entry.text} ${entry.code ?? ''}`} class={entry.counts ? 'counts' : 'aside'}>
                  <Time at={entry.at} />
                  <div>
                    <strong>{entry.text}</strong>
                    {!entry.counts && <span class="quiet"> Says nothing against the address.</span>}
                    {entry.by !== undefined && (
                      <p>
                        By {entry.by}: {entry.why}
                      </p>
                    )}
                    {entry.code !== undefined && <p class="code">{entry.code}</p>}
                  </div>
                </li>
              ))}
            </ol>
          </Section>
          {asked.value && (
            <ReasonDialog
              title={titles[asked.value]}
              effect={value.effects[asked.value]}
              action={asked.value === 'suppress' ? 'Suppress' : 'Reinstate'}
              example={asked.value === 'suppress' ? 'asked by phone' : 'has a new mailbox'}
              run={(why) => (asked.value ? rule(asked.value, why) : Promise.resolve())}
              onClose={() => {
                asked.value = undefined
              }}
            />
          )}
        </>
      )}
    </Screen>
  )
}

function About({ value: { project, ref, masked } }: { value: AddressAnswer }) {
  const shown = useSignal<string | undefined>(undefined)
  const problem = useSignal<ProblemError | undefined>(undefined)
  const reveal = async () => {
    try {
      shown.value =
        shown.value === undefined ? (await post(`addresses/${ref}/reveal`, {}, RevealAnswer)).address : undefined
    } catch (error) {
      problem.value = problemOf(error)
    }
  }
  return (
    <>
      <strong class="address">{shown.value ?? masked}</strong>{' '}
      <button type="button" class="small" onClick={reveal}>
        {shown.value === undefined ? 'Show the address' : 'Mask it'}
      </button>{' '}
      in <a href={`#/projects/${project}`}>{project}</a>
      {problem.value && <Problem problem={problem.value} />}
    </>
  )
}

function Fact({ name, children }: { name: string; children: preact.ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}
