/**
 * Rates → whether the mail of a project is held, or its people are warned. Pure.
 *
 * A hold begins at its line and ends below the line of the warning, and a warning ends well below its own line. So neither comes and goes with each
 * event. One or two complaints never decide, however few recipients there are.
 */
import { type RateKind, type Rates, rateKinds } from './rates.ts'
import { type Lines, type WindowRates, type WorstRate, worstRateOf } from './windows.ts'

/** What the settings of a project say. */
export type RateRules = {
  /** The most that is done: hold, only warn, or nothing. */
  readonly action: 'hold' | 'warn' | 'off'
  readonly lines: Lines
}

export type RateState = {
  readonly isHeld: boolean
  readonly isWarned: boolean
  /** A person has decided that rates hold nothing for now. */
  readonly isOverridden: boolean
}

export type Judgement = {
  readonly hold?: 'set' | 'lift'
  readonly warning?: 'set' | 'lift'
  /** The worst rate, with both of its numbers. */
  readonly why: string
  readonly worst?: WorstRate | undefined
}

/** Fewer bounces or complaints than these say nothing about a list. */
const fewestEvents = 3

/** A warning ends below this part of its line. */
const calmPart = 0.8

export function judgementOf(all: readonly WindowRates[], { action, lines }: RateRules, state: RateState): Judgement {
  const windows = all.map((window) => ({ ...window, rates: withoutFew(window.rates) }))
  const reaches = (line: 'warning' | 'critical', part = 1) =>
    windows.some(({ rates }) => rateKinds.some((kind) => (rates[kind].rate ?? 0) >= lines[kind][line] * part))
  const mayHold = action === 'hold' && !state.isOverridden
  const isHeld = mayHold && reaches(state.isHeld ? 'warning' : 'critical')
  const isWarned = action !== 'off' && reaches('warning', state.isWarned ? calmPart : 1)
  const worst = worstRateOf(windows, lines)
  return {
    ...(isHeld !== state.isHeld && { hold: isHeld ? 'set' : 'lift' }),
    ...(isWarned !== state.isWarned && { warning: isWarned ? 'set' : 'lift' }),
    why: worst?.rate === undefined ? 'too few recipients for a rate' : whyOf(worst, lines),
    worst,
  }
}

const withoutFew = (rates: Rates): Rates => {
  const of = (kind: RateKind) => {
    const { events, rate } = rates[kind]
    return { ...rates[kind], rate: events < fewestEvents && rate !== undefined ? 0 : rate }
  }
  return { bounces: of('bounces'), complaints: of('complaints') }
}

const names: Readonly<Record<RateKind, string>> = { bounces: 'hard bounces', complaints: 'complaints' }
const thousands = new Intl.NumberFormat('en')
const percent = (rate: number) => `${Number((rate * 100).toFixed(3))} %`

/** `hard bounces are 5.2 % of 12,480 recipients of 24 hours (649), and the line is 4 %` */
function whyOf({ kind, events, recipients, rate = 0, days, standing }: WorstRate, lines: Lines): string {
  const { warning, critical } = lines[kind]
  const period = days === 1 ? '24 hours' : `${days} days`
  const line = percent(standing === 'critical' ? critical : warning)
  return `${names[kind]} are ${percent(rate)} of ${thousands.format(recipients)} recipients of the last ${period} (${thousands.format(events)}), and the line is ${line}`
}
