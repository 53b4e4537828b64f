/** Intake of every payload in events/, compared with test/events-table.ts. */
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { SesEvent } from '../../src/intake/event.ts'
import { MalformedEventError } from '../../src/intake/malformed-event-error.ts'
import { readEvent, unreadableOf } from '../../src/intake/read-event.ts'
import { recordsOf } from '../../src/intake/records-of.ts'
import { type EventRow, eventsTable } from '../events-table.ts'

const folder = new URL('../../events/', import.meta.url)
const load = (file: string): unknown => JSON.parse(readFileSync(new URL(file, folder), 'utf8'))

const projects: Record<string, string> = { '111122223333 sesame-acme': 'acme', '444455556666 sesame-globex': 'globex' }

function read(file: string): Partial<EventRow> {
  const [record, ...others] = recordsOf(load(file))
  expect(others).toEqual([])
  try {
    const event = readEvent(record)
    const [unreadable] = event.type === 'NonEvent' ? [] : unreadableOf(event)
    if (unreadable) return { event: `malformed: ${unreadable.field}` }
    return event.type === 'NonEvent' ? { event: event.type, says: event.reason } : rowOf(event)
  } catch (error) {
    if (!(error instanceof MalformedEventError)) throw error
    return { event: `malformed: ${error.field}` }
  }
}

function rowOf(event: SesEvent): Partial<EventRow> {
  const { sendingAccountId = '', configurationSet } = event.mail
  const set = event.dialect === 'feedback notification' ? 'sesame-acme' : configurationSet
  return {
    event: event.type,
    of: (projects[`${sendingAccountId} ${set}`] ?? 'nobody') as 'acme',
    ...(event.dialect === 'feedback notification' && { dialect: event.dialect }),
    recipients: recipientsOf(event),
    ...saysOf(event),
  }
}

function recipientsOf(event: SesEvent): string[] {
  if (event.type === 'Bounce') return event.bounce.recipients.map(({ address }) => address)
  if (event.type === 'Complaint') return event.complaint.recipients.map(({ address }) => address)
  if (event.type === 'Delivery') return event.delivery.recipients.map(({ address }) => address)
  if (event.type === 'DeliveryDelay') return event.deliveryDelay.recipients.map(({ address }) => address)
  return event.mail.destination
}

function saysOf(event: SesEvent): { says?: string } {
  if (event.type === 'Bounce') return { says: `${event.bounce.type}/${event.bounce.subType}` }
  if (event.type === 'Complaint') return { says: event.complaint.subType ?? event.complaint.feedbackType ?? '-' }
  return {}
}

describe('intake of the sample payloads', () => {
  test.each(eventsTable)(
    '$file is read as the table says: $shows',
    ({ file, shows: _, uncounted: __, ...expected }) => {
      expect(read(file)).toEqual(expected)
    },
  )

  test('the table names exactly the payloads in events/', () => {
    const files = readdirSync(folder).filter((name) => name.endsWith('.json'))
    expect(eventsTable.map(({ file }) => file).sort()).toEqual(files.sort())
  })

  test('events/README.md names every payload', () => {
    const readme = readFileSync(new URL('README.md', folder), 'utf8')
    expect(eventsTable.filter(({ file }) => !readme.includes(`(${file})`))).toEqual([])
  })

  test('payloads share a feedbackId only if they report the same bounce', () => {
    const events = eventsTable
      .filter(({ event }) => event === 'Bounce' || event === 'Complaint')
      .map(({ file }) => ({ file, event: readEvent(recordsOf(load(file))[0]) }))
    const byId = Map.groupBy(events, ({ event }) =>
      event.type === 'Bounce' ? event.bounce.feedbackId : event.type === 'Complaint' ? event.complaint.feedbackId : '',
    )
    const shared = [...byId.values()].filter((group) => group.length > 1).map((group) => group.map(({ file }) => file))
    expect(shared).toEqual([['bounce-permanent-general.json', 'bounce-permanent-general-feedback-notification.json']])
  })
})
