/** What happened to mail: the report of a period, one message, one recipient. */
import { type Connection, sendRequest } from './request.ts'
import { readAnswer } from './suppressions.ts'

type Standing = 'unknown' | 'good' | 'warning' | 'critical'

/** `rate` is absent if too few were sent for a rate. */
export type Rate = { readonly events: number; readonly recipients: number; readonly rate?: number }
export type Rates = { readonly bounces: Rate; readonly complaints: Rate }

export type Volume = {
  readonly sent: number
  readonly delivered: number
  readonly hardBounces: number
  readonly softBounces: number
  readonly complaints: number
  readonly delays: number
  readonly rejected: number
  /** What SES itself did not send: in no rate. */
  readonly notSent: number
}

export type Report = {
  readonly project: string
  readonly from: string
  readonly to: string
  readonly madeAt: string
  /** Of the worst rate of the last 24 hours, 7 and 30 days. */
  readonly standing: Standing
  readonly rates: Rates
  /** Of as many days before the period. */
  readonly ratesBefore: Rates
  readonly windows: readonly { readonly days: number; readonly from: string; readonly rates: Rates }[]
  readonly volume: Volume
  readonly volumeBefore: Volume
  readonly days: readonly {
    readonly day: string
    readonly sent: number
    readonly delivered: number
    readonly hardBounces: number
    readonly complaints: number
    /** Whether every event that arrived is in the numbers. */
    readonly isExact: boolean
  }[]
  readonly failingDomains: readonly {
    readonly domain: string
    readonly recipients: number
    readonly bounces: number
    readonly complaints: number
  }[]
  readonly causes: readonly { readonly title: string; readonly advice: string; readonly count: number }[]
  readonly list: { readonly total: number; readonly isPart: boolean }
  readonly health: readonly { readonly of: string; readonly state: string; readonly text: string }[]
  readonly hold: { readonly holds: readonly { readonly cause: string; readonly since: string; readonly why: string }[] }
}

export type MessageEvent = {
  readonly at: string
  readonly type: string
  readonly recipient?: string
  readonly detail?: string
  readonly bot?: 'Likely' | 'Unlikely'
}

export type RecipientEvent = Omit<MessageEvent, 'recipient'> & { readonly messageId: string }

/** Days of UTC, such as `2026-03-01`. Absent: the last 30. */
export type Period = { readonly from?: string; readonly to?: string }

export function createActivity(connection: Connection) {
  return {
    /** Volumes, rates, causes, domains, list, health and hold of the project. */
    async report({ from, to }: Period = {}): Promise<Report> {
      const call = { method: 'GET', path: '/report', query: { from, to }, isRead: true } as const
      return readAnswer<Report>((await sendRequest(connection, call)).body, 'days')
    },

    /** What happened to a message, oldest first. @param day on which it was sent, if its id does not say it */
    async message(messageId: string, day?: string): Promise<readonly MessageEvent[]> {
      const path = `/messages/${encodeURIComponent(messageId)}`
      const call = { method: 'GET', path, query: { day }, isRead: true } as const
      type Answer = { readonly events: readonly MessageEvent[] }
      return readAnswer<Answer>((await sendRequest(connection, call)).body, 'events').events
    },

    /** What happened to mail for a recipient, the latest first. */
    async recipient(address: string): Promise<readonly RecipientEvent[]> {
      const call = { method: 'POST', path: '/recipients/lookup', body: { address }, isRead: true } as const
      type Answer = { readonly events: readonly RecipientEvent[] }
      return readAnswer<Answer>((await sendRequest(connection, call)).body, 'events').events
    },
  }
}
