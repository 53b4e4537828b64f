/** Is my mail healthy? */
import { useEffect, useRef } from 'preact/hooks'
import { countText, rateText } from '../../../src/charts/numbers.ts'
import { type Attention, OverviewAnswer, type ProjectRow } from '../../../src/dashboard/answers.ts'
import { announce } from '../announce.ts'
import { useLive } from '../live.ts'
import { Empty, Sign, Time } from '../parts/basics.tsx'
import { Rates } from '../parts/charts.tsx'
import { Screen, Section } from '../parts/screen.tsx'
import { type Column, Table } from '../parts/table.tsx'
import { listCount, rateOrWhy } from '../texts.ts'

export function Overview() {
  const { value, problem } = useLive('overview', OverviewAnswer)
  useNewBounces(value?.today)
  return (
    <Screen question="Is my mail healthy?" answer={value} problem={problem}>
      {value && (
        <>
          <Section title="Needs attention">
            {value.attention.length === 0 && <p class="calm">● Nothing needs attention.</p>}
            <ul class="attention">
              {value.attention.map((one) => (
                <AttentionLine key={`${one.subject} ${one.text}`} one={one} />
              ))}
            </ul>
            {value.unread.map((text) => (
              <p key={text} class="notice warning">
                ▲ {text}
              </p>
            ))}
          </Section>
          <Today today={value.today} />
          <Section title="Against AWS's limits">
            <div class="charts">
              <Rates kind="bounces" series={value.series} of={value.seriesOf ?? 'all projects'} />
              <Rates kind="complaints" series={value.series} of={value.seriesOf ?? 'all projects'} />
            </div>
          </Section>
          <Section title="Projects">
            {value.projects.length === 0 ? (
              <Empty>
                No project yet. Add one: <code>sesame project add NAME --account ID</code>
              </Empty>
            ) : (
              <Table label="Projects" columns={columns} rows={value.projects} keyOf={({ id }) => id} />
            )}
          </Section>
        </>
      )}
    </Screen>
  )
}

function AttentionLine({ one: { standing, subject, text, since, to, action } }: { one: Attention }) {
  return (
    <li class={standing}>
      <Sign standing={standing} />
      <p>
        <strong>{subject}</strong> {text}
        {since !== undefined && (
          <>
            {', since '}
            <Time at={since} />
          </>
        )}
      </p>
      <a class="button" href={to} aria-label={`${action}: ${subject}`}>
        {action}
      </a>
    </li>
  )
}

function Today({ today }: { today: OverviewAnswer['today'] }) {
  const { sent, delivered, bounces, complaints } = today
  return (
    <Section title="Today" note="Recipients of mail sent today (UTC), without the simulator and what SES did not send.">
      <dl class="figures">
        <Figure name="sent" value={countText(sent)} />
        <Figure name="delivered" value={countText(delivered)} />
        <Figure name="bounced" value={countText(bounces.events)} rate={rateNote(bounces, 2)} />
        <Figure name="complained" value={countText(complaints.events)} rate={rateNote(complaints, 3)} />
      </dl>
    </Section>
  )
}

const rateNote = ({ rate, recipients }: OverviewAnswer['today']['bounces'], digits: number) =>
  recipients === 0
    ? undefined
    : rate === undefined
      ? `of ${countText(recipients)}, too few to judge`
      : `${rateText(rate, digits)} of ${countText(recipients)}`

function Figure({ name, value, rate }: { name: string; value: string; rate?: string | undefined }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <strong>{value}</strong>
        {rate && <span> {rate}</span>}
      </dd>
    </div>
  )
}

const columns: readonly Column<ProjectRow>[] = [
  { heading: 'name', cell: ({ id }) => <a href={`#/projects/${id}`}>{id}</a> },
  { heading: 'sent in 24 h', cell: ({ day }) => countText(day.bounces.recipients), isNumber: true },
  { heading: 'bounced', cell: ({ day }) => <RateCell rate={day.bounces} digits={2} />, isNumber: true },
  { heading: 'complained', cell: ({ day }) => <RateCell rate={day.complaints} digits={3} />, isNumber: true },
  { heading: 'suppressed', cell: ({ suppressed }) => listCount(suppressed), isNumber: true },
  { heading: 'connection', cell: ({ id, connection }) => <ConnectionCell id={id} state={connection} /> },
  { heading: 'state', cell: (row) => <StateCell row={row} /> },
]

/** The count, and the rate if enough was sent to judge. */
function RateCell({ rate, digits }: { rate: ProjectRow['day']['bounces']; digits: number }) {
  const text = rateOrWhy(rate, digits)
  return (
    <span>
      {countText(rate.events)} <span class="quiet">{text}</span>
    </span>
  )
}

function ConnectionCell({ id, state }: { id: string; state: ProjectRow['connection'] }) {
  if (state === 'none') return <span class="quiet">not connected</span>
  const standing = state === 'proven' ? 'good' : state === 'waiting' ? 'warning' : 'critical'
  return (
    <a href={`#/connections/${id}`}>
      <Sign standing={standing} word={state} />
    </a>
  )
}

function StateCell({ row: { holds, paused, standing, hasActivity, silence } }: { row: ProjectRow }) {
  const [hold] = holds
  if (hold) return <Sign standing="critical" word={hold.by} />
  if (silence !== undefined) return <Sign standing="critical" word="no events arrive" />
  if (paused) return <Sign standing="warning" word="paused" />
  if (!hasActivity) return <Sign standing="unknown" word="rates unknown" />
  return <Sign standing={standing} />
}

/** A bounce that arrives while somebody looks is announced. */
function useNewBounces(today: OverviewAnswer['today'] | undefined) {
  const known = useRef<number | undefined>(undefined)
  const events = today?.bounces.events
  useEffect(() => {
    if (events === undefined) return
    if (known.current !== undefined && events > known.current)
      announce(`${events - known.current} new bounced, ${events} today.`)
    known.current = events
  }, [events])
}
