/** Who used which role, and could it do more than it should? */
import { countText } from '../../../src/charts/numbers.ts'
import { RoleAnswer, RolesAnswer } from '../../../src/dashboard/stack-answers.ts'
import { useLive } from '../live.ts'
import { Empty, Sign, Time } from '../parts/basics.tsx'
import { Screen, Section } from '../parts/screen.tsx'
import { type Column, Table } from '../parts/table.tsx'

type Row = RolesAnswer['roles'][number]

export function Roles() {
  const { value, problem } = useLive('roles', RolesAnswer)
  return (
    <Screen question="Who used which role, and could it do more than it should?" answer={value} problem={problem}>
      {value && (
        <>
          <Table label="Roles" keyOf={({ role }) => role} rows={value.roles} columns={columnsOf(value.days)} />
          <p class="note">
            CloudTrail records who assumed a role, not what the session did. A refused attempt of a proof is what the
            proof expects. <em>Proven</em>: clauses of what the role may not do that hold for all requests (
            <code>npm run iam:claims</code>).
          </p>
        </>
      )}
    </Screen>
  )
}

const columnsOf = (days: number): Column<Row>[] => [
  { heading: 'role', cell: ({ role, title }) => <a href={`#/roles/${encodeURIComponent(role)}`}>{title}</a> },
  {
    heading: 'last use',
    cell: ({ lastUse }) => (lastUse ? <Time at={lastUse} /> : <span class="quiet">not recorded</span>),
  },
  { heading: `uses in ${days} days`, cell: ({ uses }) => countText(uses), isNumber: true },
  { heading: 'refused', cell: ({ refused }) => countText(refused), isNumber: true },
  { heading: 'refused in proofs', cell: ({ refusedInProofs }) => countText(refusedInProofs), isNumber: true },
  {
    heading: 'unexpected',
    cell: ({ unexpected }) => (unexpected > 0 ? <Sign standing="critical" word={countText(unexpected)} /> : '0'),
    isNumber: true,
  },
  {
    heading: 'proven',
    cell: ({ claims }) => (claims > 0 ? countText(claims) : <span class="quiet">–</span>),
    isNumber: true,
  },
]

export function Role({ name }: { name: string }) {
  const { value, problem } = useLive(`roles/${encodeURIComponent(name)}`, RoleAnswer)
  return (
    <Screen
      question={`Who used ${value?.title ?? 'this role'}?`}
      about={<a href="#/roles">Roles</a>}
      answer={value && { standing: value.unexpected > 0 ? 'critical' : 'good', sentence: sentenceOf(value) }}
      problem={problem}
    >
      {value && (
        <>
          {value.may !== undefined && (
            <Section title="What it may do">
              <p>{value.may}</p>
            </Section>
          )}
          {value.mayNot !== undefined && (
            <Section title="What it may not do" note={`${value.claims} clauses, each proven for all requests.`}>
              <p>{value.mayNot}</p>
            </Section>
          )}
          <Section title="Sessions">
            {value.sessions.length === 0 ? (
              <Empty>
                No use is recorded. CloudTrail reports a use some minutes later; a role that nobody uses can be removed.
              </Empty>
            ) : (
              <Table
                label="Sessions"
                keyOf={(use) => `${use.at} ${use.by} ${use.purpose ?? ''}`}
                rows={value.sessions}
                columns={sessionColumns}
              />
            )}
            {value.more && (
              <p class="note">
                There are more: <code>sesame roles usage {name}</code>
              </p>
            )}
          </Section>
        </>
      )}
    </Screen>
  )
}

type Session = RoleAnswer['sessions'][number]
const sessionColumns: readonly Column<Session>[] = [
  { heading: 'when', cell: ({ at }) => <Time at={at} /> },
  { heading: 'who', cell: ({ by }) => by },
  { heading: 'for', cell: ({ purpose }) => purpose ?? '–' },
  { heading: 'from', cell: ({ from }) => from ?? '–' },
  {
    heading: 'outcome',
    cell: ({ outcome, unexpected }) =>
      unexpected === undefined ? outcome : <Sign standing="critical" word={`unexpected: ${unexpected}`} />,
  },
]

function sentenceOf({ uses, refused, unexpected, lastUse }: RoleAnswer): string {
  if (unexpected > 0)
    return `${unexpected === 1 ? 'One use was' : `${countText(unexpected)} uses were`} not expected. If you cannot explain who made ${unexpected === 1 ? 'it' : 'them'}, treat it as an intrusion.`
  if (lastUse === undefined) return 'Nobody, as far as CloudTrail has reported.'
  return `${countText(uses)} sessions in 30 days, ${refused === 0 ? 'none refused' : `${countText(refused)} refused`}; all were expected.`
}
