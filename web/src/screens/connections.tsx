/** Can Sesame do its work in this account? */
import { useSignal } from '@preact/signals'
import type { Standing } from '../../../src/dashboard/answers.ts'
import { ConnectionAnswer, ConnectionsAnswer } from '../../../src/dashboard/stack-answers.ts'
import { announce } from '../announce.ts'
import { type ProblemError, post, problemOf } from '../api.ts'
import { useLive } from '../live.ts'
import { Empty, Problem, Sign, Time } from '../parts/basics.tsx'
import { Copy } from '../parts/copy.tsx'
import { Screen, Section } from '../parts/screen.tsx'
import { Table } from '../parts/table.tsx'
import { canWrite } from '../session.ts'

type Row = ConnectionsAnswer['connections'][number]
const standings: Readonly<Record<Row['state'], Standing>> = {
  proven: 'good',
  waiting: 'warning',
  quarantined: 'critical',
  none: 'unknown',
}

export function Connections() {
  const { value, problem } = useLive('connections', ConnectionsAnswer)
  return (
    <Screen question="Can Sesame do its work in every account?" answer={value} problem={problem}>
      {value?.connections.length === 0 && (
        <Empty>
          No project is connected. Make what the customer creates the role with:{' '}
          <code>sesame connect NAME --account ID</code>
        </Empty>
      )}
      {value && value.connections.length > 0 && (
        <Table
          label="Connections"
          keyOf={({ project }) => project}
          rows={value.connections}
          columns={[
            { heading: 'project', cell: ({ project }) => <a href={`#/connections/${project}`}>{project}</a> },
            { heading: 'state', cell: ({ state }) => <Sign standing={standings[state]} word={state} /> },
            { heading: 'account', cell: ({ account }) => account },
            { heading: 'region', cell: ({ region }) => region },
            { heading: 'last proven', cell: ({ provenAt }) => (provenAt ? <Time at={provenAt} /> : 'never') },
            { heading: 'why', cell: ({ quarantine }) => quarantine?.why ?? '' },
          ]}
        />
      )}
    </Screen>
  )
}

const verdicts = {
  passed: { standing: 'good', word: 'passed' },
  failed: { standing: 'critical', word: 'failed' },
  unknown: { standing: 'unknown', word: 'cannot be tested' },
  skipped: { standing: 'unknown', word: 'skipped' },
} as const

export function Connection({ project }: { project: string }) {
  const { value, problem, again } = useLive(`connections/${encodeURIComponent(project)}`, ConnectionAnswer)
  const isProving = useSignal(false)
  const failure = useSignal<ProblemError | undefined>(undefined)
  const prove = async () => {
    isProving.value = true
    failure.value = undefined
    try {
      const { sentence } = await post(`connections/${encodeURIComponent(project)}/proof`, {}, ConnectionAnswer)
      announce(sentence)
      again()
    } catch (error) {
      failure.value = problemOf(error)
    } finally {
      isProving.value = false
    }
  }
  return (
    <Screen
      question="Can Sesame do its work in this account?"
      about={
        <>
          <a href="#/connections">Connections</a> › <a href={`#/projects/${project}`}>{project}</a>
        </>
      }
      answer={value}
      problem={problem}
    >
      {value && (
        <>
          <dl class="facts">
            <Fact name="account">{`${value.connection.account} in ${value.connection.region}`}</Fact>
            <Fact name="role">{value.roleArn ?? 'not created yet'}</Fact>
            <Fact name="may">{value.features.join(', ')}</Fact>
            <Fact name="events come by">{value.topics}</Fact>
            <Fact name="last proven">
              {value.connection.provenAt ? <Time at={value.connection.provenAt} /> : 'never'}
            </Fact>
            {value.nextProof !== undefined && (
              <Fact name="next proof">
                <Time at={value.nextProof} />
              </Fact>
            )}
          </dl>
          {canWrite() ? (
            <div class="actions">
              <button type="button" class="primary" disabled={isProving.value} onClick={prove}>
                {isProving.value ? 'Checking …' : 'Check now'}
              </button>
            </div>
          ) : (
            <p class="note">
              To check now, and see the text to paste: <code>sesame doctor {project}</code>, or start this page with{' '}
              <code>sesame dashboard --write</code>
            </p>
          )}
          {failure.value && <Problem problem={failure.value} />}
          <Proof value={value} project={project} />
          <Section title="Changes">
            {value.changes.length === 0 && <Empty>No change is recorded.</Empty>}
            <ol class="timeline">
              {value.changes.map(({ at, by, what }) => (
                <li key={`${at} ${what}`}>
                  <Time at={at} />
                  <div>
                    {what}, by {by}
                  </div>
                </li>
              ))}
            </ol>
          </Section>
        </>
      )}
    </Screen>
  )
}

type Step = NonNullable<ConnectionAnswer['proof']>['steps'][number]

/** The permissions of one feature that passed are one line: `reading: ses:GetAccount, …`. A failed step stands alone. */
function togetherOf(steps: readonly Step[]): Step[] {
  const featureOf = ({ layer, verdict, step }: Step) =>
    layer === 'permissions' && verdict === 'passed' ? step.split(': ')[0] : undefined
  const shown: Step[] = []
  const features = new Set<string>()
  for (const step of steps) {
    const feature = featureOf(step)
    if (feature === undefined) shown.push(step)
    else if (!features.has(feature)) {
      features.add(feature)
      const actions = steps
        .filter((other) => featureOf(other) === feature)
        .map((other) => other.step.replace(/^.*: /, ''))
      shown.push({ ...step, step: `${feature}: ${actions.join(', ')}`, found: '' })
    }
  }
  return shown
}

function Proof({ value: { proof, roleArn }, project }: { value: ConnectionAnswer; project: string }) {
  if (!proof)
    return (
      <Section title="Proof">
        <Empty>
          {roleArn === undefined ? (
            <>
              The customer has not created the role yet. Print what to send them: <code>sesame connect {project}</code>
            </>
          ) : (
            'No proof is stored. Check now.'
          )}
        </Empty>
      </Section>
    )
  return (
    <Section title="Proof">
      <p class="note">
        Made <Time at={proof.at} />
      </p>
      <ol class="checklist">
        {togetherOf(proof.steps).map(({ layer, step, verdict, found, paste }) => (
          <li key={`${layer} ${step}`}>
            <details open={verdict === 'failed'}>
              <summary>
                <Sign {...verdicts[verdict]} />
                <span class="layer">{layer}</span>
                <span>{step}</span>
              </summary>
              {found !== '' && <p>{found}</p>}
              {paste !== undefined && (
                <>
                  <p>
                    The customer pastes this. <code>EXTERNAL-ID-OF-THIS-PROJECT</code> stands for the external id, which
                    this page never shows: <code>sesame doctor {project}</code> prints the text with it.
                  </p>
                  <Copy text={paste} />
                </>
              )}
              {verdict === 'failed' && paste === undefined && (
                <p>
                  The text that repairs it: <code>sesame doctor {project}</code>
                </p>
              )}
            </details>
          </li>
        ))}
      </ol>
    </Section>
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
