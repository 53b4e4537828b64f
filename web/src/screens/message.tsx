/** What happened to this mail? */
import { MessageAnswer } from '../../../src/dashboard/address-answers.ts'
import { useLive } from '../live.ts'
import { Empty, Sign, Time } from '../parts/basics.tsx'
import { Screen, Section } from '../parts/screen.tsx'

export function Message({ project, id }: { project: string; id: string }) {
  const { value, problem } = useLive(`messages/${encodeURIComponent(project)}/${encodeURIComponent(id)}`, MessageAnswer)
  return (
    <Screen
      question="What happened to this mail?"
      about={
        <>
          <code>{id}</code> in <a href={`#/projects/${project}`}>{project}</a>
        </>
      }
      answer={value}
      problem={problem}
    >
      {value && (
        <Section title="Timeline" note="Oldest first, as SES reported it.">
          {value.entries.length === 0 && (
            <Empty>
              No event is stored. To keep events of mail that is sent from now on:{' '}
              <code>sesame project set {project} --activity delivery</code>
            </Empty>
          )}
          <ol class="timeline">
            {value.entries.map(({ at, type, text, standing, recipient, code }) => (
              <li key={`${at} ${type} ${recipient?.ref ?? ''} ${code ?? ''}`} class={standing}>
                <Time at={at} />
                <div>
                  <Sign standing={standing} word={type} /> <span>{text}</span>
                  {recipient && (
                    <p>
                      <a href={`#/addresses/${recipient.ref}`}>{recipient.masked}</a>
                      <span class="quiet">
                        {recipient.now === 'suppressed' ? ', suppressed now' : ', may be mailed now'}
                      </span>
                    </p>
                  )}
                  {code !== undefined && <p class="code">{code}</p>}
                </div>
              </li>
            ))}
          </ol>
        </Section>
      )}
    </Screen>
  )
}
