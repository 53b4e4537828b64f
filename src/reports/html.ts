/**
 * A report as one HTML page: self-contained (no script, no request), readable without colours, and made to be printed.
 *
 * Written without JSX, like the charts, so that Node runs the file as it is. Every text passes the renderer, which escapes it.
 */
import { type ComponentChild, h } from 'preact'
import { render } from 'preact-render-to-string'
import { rateKinds } from '../activity/rates.ts'
import { GrowthChart } from '../charts/growth-chart.ts'
import { rateChart } from './html-rate-chart.ts'
import { styles } from './html-styles.ts'
import { table } from './html-table.ts'
import type { Report } from './report.ts'
import {
  accountText,
  minuteText,
  numberText,
  rateNames,
  rateText,
  remarksOf,
  standingTexts,
  verdictText,
  windowText,
} from './words.ts'

export function reportHtml(report: Report): string {
  const { project, from, to, madeAt } = report
  const title = `${project}: mail sent from ${from} to ${to}`
  const page = h(
    'html',
    { lang: 'en' },
    h(
      'head',
      null,
      h('meta', { charset: 'utf-8' }),
      h('meta', { name: 'viewport', content: 'width=device-width, initial-scale=1' }),
      // The page needs nothing from outside, and nothing in it may load anything.
      h('meta', { 'http-equiv': 'Content-Security-Policy', content: "default-src 'none'; style-src 'unsafe-inline'" }),
      h('title', null, title),
      h('style', { dangerouslySetInnerHTML: { __html: styles } }),
    ),
    h(
      'body',
      null,
      h('h1', null, title),
      h('p', { class: `verdict ${report.hold.holds.length > 0 ? 'critical' : report.standing}` }, verdictText(report)),
      ...sectionsOf(report),
      h('h2', null, 'About these numbers'),
      h(
        'ul',
        null,
        remarksOf(report).map((text) => h('li', null, text)),
      ),
      h('p', { class: 'made' }, `Made ${minuteText(madeAt)}. Days are those of UTC on which the mail was sent.`),
    ),
  )
  return `<!doctype html>\n${render(page)}\n`
}

function sectionsOf(report: Report): ComponentChild[] {
  const { failingDomains, causes, list, health } = report
  return [
    section('How much was sent?', volumeTable(report)),
    section('Is the bounce rate safe?', rateChart(report, 'bounces')),
    section('Is the complaint rate safe?', rateChart(report, 'complaints')),
    section('How do the rates of the last days stand?', windowTable(report)),
    ...(report.account ? [section('What does AWS say?', h('p', null, accountText(report.account)))] : []),
    section(
      'Why did mail fail?',
      causes.length === 0
        ? h('p', null, 'No failure was reported.')
        : table(
            ['what happened', 'count', 'what to do', 'counts in'],
            causes.map(({ title, count, advice, ...cause }) => [title, numberText(count), advice, rateOfCause(cause)]),
            [1],
          ),
    ),
    section(
      'Where did mail fail?',
      failingDomains.length === 0
        ? h('p', null, 'At no domain.')
        : table(
            ['domain', 'recipients', 'hard bounces', 'complaints'],
            failingDomains.map(({ domain, recipients, bounces, complaints }) => [
              domain,
              ...[recipients, bounces, complaints].map(numberText),
            ]),
            [1, 2, 3],
          ),
    ),
    section(
      'Does the suppression list grow?',
      h(GrowthChart, { title: 'Suppressed addresses', sentence: growthSentence(list), points: list.days }),
    ),
    section(
      'Is everything connected?',
      table(
        ['part', 'state', 'finding'],
        health.map(({ of, state, text }) => [of, state, text]),
      ),
    ),
  ]
}

/** The rate in which a failure is counted. */
function rateOfCause({ type, detail, apart }: Omit<Report['causes'][number], 'title' | 'advice' | 'count'>): string {
  if (apart) return `none: ${apart}`
  if (type === 'Bounce') return detail?.startsWith('Permanent ') ? rateNames.bounces : 'none'
  return type === 'Complaint' && detail !== 'not-spam' ? rateNames.complaints : 'none'
}

const section = (heading: string, content: ComponentChild): ComponentChild =>
  h('section', null, h('h2', null, heading), content)

function volumeTable({ volume, volumeBefore, days }: Report): ComponentChild {
  const names = {
    sent: 'recipients to whom SES sent',
    delivered: 'delivered',
    hardBounces: 'hard bounces',
    softBounces: 'soft bounces (in no rate)',
    complaints: 'complaints',
    delays: 'delays',
    rejected: 'rejected or not rendered',
    notSent: 'not sent by SES (in no rate)',
  } as const satisfies Readonly<Record<keyof Report['volume'], string>>
  const keys = [
    'sent',
    'delivered',
    'hardBounces',
    'softBounces',
    'complaints',
    'delays',
    'rejected',
    'notSent',
  ] as const
  return table(
    ['', `these ${days.length} days`, `the ${days.length} days before`],
    keys.map((key) => [names[key], numberText(volume[key]), numberText(volumeBefore[key])]),
    [1, 2],
  )
}

/** `bounces: good; complaints: good` */
const standingCell = (standings: Report['windows'][number]['standings']): string =>
  rateKinds.map((kind) => `${kind}: ${standingTexts[standings[kind]] || 'too few recipients'}`).join('; ')

const windowTable = ({ windows, judging }: Report): ComponentChild =>
  table(
    ['period', 'bounce rate', 'complaint rate', 'standing'],
    windows.map(({ days, rates, standings }) => [
      windowText(days),
      rateText(rates.bounces, 'bounces', judging),
      rateText(rates.complaints, 'complaints', judging),
      standingCell(standings),
    ]),
  )

function growthSentence({ total, days, byReason }: Report['list']): string {
  const added = days.reduce((sum, day) => sum + day.added, 0)
  const reasons = Object.entries(byReason).map(([reason, count]) => `${numberText(count)} ${reason}`)
  return `${numberText(total)} addresses are suppressed, ${numberText(added)} of them since the first day of the period${
    reasons.length > 0 ? ` (${reasons.join(', ')})` : ''
  }.`
}
