/** How is this project doing, and why? */
import { countText } from '../../../src/charts/numbers.ts'
import { type AddressRow, ProjectAnswer } from '../../../src/dashboard/answers.ts'
import { useLive } from '../live.ts'
import { Empty, Sign, Time } from '../parts/basics.tsx'
import { Growth, Rates } from '../parts/charts.tsx'
import { Screen, Section } from '../parts/screen.tsx'
import { Table } from '../parts/table.tsx'
import { rateOrWhy } from '../texts.ts'

export function Project({ id }: { id: string }) {
  const { value, problem } = useLive(`projects/${encodeURIComponent(id)}`, ProjectAnswer)
  return (
    <Screen question={`How is ${id} doing, and why?`} answer={value} problem={problem}>
      {value && <Evidence value={value} />}
    </Screen>
  )
}

function Evidence({ value }: { value: ProjectAnswer }) {
  const { project, windows, series, holdNote, aws } = value
  return (
    <>
      {project.holds.map(({ by, since, until, why }) => (
        <p key={by} class="notice critical">
          <strong>■ {by}</strong> since <Time at={since} />
          {until !== undefined && (
            <>
              {', until '}
              <Time at={until} />
            </>
          )}
          {project.holds.length > 1 && `: ${why}`}
        </p>
      ))}
      {project.silence !== undefined && <p class="notice critical">■ {project.silence}</p>}
      {holdNote !== undefined && <p class="notice warning">▲ {holdNote}</p>}
      <Section
        title="Rates"
        note="Hard bounces and complaints per recipient to whom SES sent. Soft bounces are in no rate."
      >
        <Table
          label="Rates by window"
          keyOf={({ days }) => String(days)}
          rows={windows}
          columns={[
            { heading: 'window', cell: ({ days }) => (days === 1 ? '24 hours' : `${days} days`) },
            { heading: 'recipients', cell: ({ bounces }) => countText(bounces.recipients), isNumber: true },
            { heading: 'bounced', cell: ({ bounces }) => countText(bounces.events), isNumber: true },
            { heading: 'bounce rate', cell: ({ bounces }) => rateOrWhy(bounces), isNumber: true },
            { heading: 'complained', cell: ({ complaints }) => countText(complaints.events), isNumber: true },
            { heading: 'complaint rate', cell: ({ complaints }) => rateOrWhy(complaints, 3), isNumber: true },
            {
              heading: 'standing',
              cell: ({ bounces, complaints }) => (
                <Sign standing={bounces.standing === 'good' ? complaints.standing : bounces.standing} />
              ),
            },
          ]}
        />
        {aws && (
          <p class="note">
            <strong>SES itself:</strong> {aws.text} (<Time at={aws.at} />) It judges the whole account, over a volume
            that it takes as representative, so its rates differ from these.
          </p>
        )}
        <div class="charts">
          <Rates kind="bounces" series={series} />
          <Rates kind="complaints" series={series} />
        </div>
      </Section>
      <Causes value={value} />
      <List list={value.list} />
    </>
  )
}

function Causes({ value: { project, causes, domains, engagement, configurationSets } }: { value: ProjectAnswer }) {
  return (
    <>
      <Section title="Why" note="What SES reported in 30 days, in plain words.">
        {causes.length === 0 ? (
          <Empty>
            {project.hasActivity
              ? 'No bounce, complaint or delay was reported in 30 days.'
              : `SES does not tell Sesame what it sent for ${project.id}. To see causes here: sesame project set ${project.id} --activity delivery`}
          </Empty>
        ) : (
          <Table
            label="Causes"
            keyOf={({ type, detail, apart }) => `${type} ${detail} ${apart}`}
            rows={causes}
            columns={[
              {
                heading: 'cause',
                cell: ({ title, type, detail }) => (
                  <>
                    {title} <small class="code">{[type, detail].filter(Boolean).join(' ')}</small>
                  </>
                ),
              },
              { heading: 'recipients', cell: ({ count }) => countText(count), isNumber: true },
              { heading: 'in a rate', cell: ({ type, detail, apart }) => inRate(type, detail, apart) },
              { heading: 'what to do', cell: ({ advice }) => advice },
            ]}
          />
        )}
      </Section>
      {domains.length > 0 && (
        <Section title="Where" note="Domains with the most bounces and complaints in 30 days.">
          <Table
            label="Domains"
            keyOf={({ domain }) => domain}
            rows={domains}
            columns={[
              { heading: 'domain', cell: ({ domain }) => domain },
              { heading: 'recipients', cell: ({ recipients }) => countText(recipients), isNumber: true },
              { heading: 'bounced', cell: ({ bounces }) => countText(bounces), isNumber: true },
              { heading: 'complained', cell: ({ complaints }) => countText(complaints), isNumber: true },
            ]}
          />
        </Section>
      )}
      {configurationSets.length > 1 && (
        <Section title="By configuration set">
          <Table
            label="Configuration sets"
            keyOf={({ set }) => set}
            rows={configurationSets}
            columns={[
              { heading: 'configuration set', cell: ({ set }) => set },
              { heading: 'recipients', cell: ({ bounces }) => countText(bounces.recipients), isNumber: true },
              { heading: 'bounce rate', cell: ({ bounces }) => rateOrWhy(bounces), isNumber: true },
              { heading: 'complaint rate', cell: ({ complaints }) => rateOrWhy(complaints, 3), isNumber: true },
            ]}
          />
        </Section>
      )}
      {engagement.length > 0 && (
        <Section
          title="Readers"
          note="Mail programs load images without a reader, so an open by a machine is no reader."
        >
          <Table
            label="Opens and clicks"
            keyOf={({ type, reader }) => `${type} ${reader}`}
            rows={engagement}
            columns={[
              { heading: 'event', cell: ({ type }) => type },
              { heading: 'by', cell: ({ reader }) => reader },
              { heading: 'count', cell: ({ count }) => countText(count), isNumber: true },
            ]}
          />
        </Section>
      )}
    </>
  )
}

function inRate(type: string, detail: string | undefined, apart: string | undefined): string {
  if (apart !== undefined) return `no: ${apart}`
  if (type === 'Bounce') return detail?.startsWith('Permanent') ? 'yes, bounces' : 'no: soft'
  if (type === 'Complaint') return detail === 'not-spam' ? 'no' : 'yes, complaints'
  return 'no'
}

function List({ list }: { list: ProjectAnswer['list'] }) {
  const added = list.growth.reduce((sum, one) => sum + one.added, 0)
  const total = `${countText(list.total)}${list.atLeast ? ' or more' : ''}`
  return (
    <Section title="Suppression list">
      {list.total === 0 ? (
        <Empty>No address is suppressed. The first hard bounce or complaint appears here by itself.</Empty>
      ) : (
        <>
          <Growth
            points={list.growth}
            sentence={`${total} addresses, ${countText(added)} added in 30 days${list.byReason.length > 0 ? `: ${list.byReason.map(({ reason, count }) => `${countText(count)} ${reason}`).join(', ')}` : ''}.`}
          />
          <h3>Suppressed last</h3>
          <Table
            label="Addresses suppressed last"
            keyOf={({ ref }) => ref}
            rows={list.latest}
            columns={addressColumns}
          />
          <p class="note">
            Addresses are masked. To ask about one, press <kbd>/</kbd> and type it.
          </p>
        </>
      )}
    </Section>
  )
}

const addressColumns = [
  { heading: 'address', cell: ({ ref, masked }: AddressRow) => <a href={`#/addresses/${ref}`}>{masked}</a> },
  { heading: 'reason', cell: ({ reason }: AddressRow) => reason },
  { heading: 'since', cell: ({ since }: AddressRow) => since && <Time at={since} /> },
]
