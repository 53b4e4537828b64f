/** The chart of one rate of a report, with the limit of AWS and the line at which the project is held. */
import { type ComponentChild, h } from 'preact'
import type { RateKind } from '../activity/rates.ts'
import { RateChart, type RateLimit } from '../charts/rate-chart.ts'
import { limitsOfAws, type Report } from './report.ts'
import { limitText, rateNames, rateText, trendText } from './words.ts'

export function rateChart(report: Report, kind: RateKind): ComponentChild {
  const rate = report.rates[kind]
  const trend = trendText(report, kind)
  const points = report.days.map((day) =>
    kind === 'bounces'
      ? { day: day.day, events: day.hardBounces, recipients: day.sent, rate: day.bounceRate, trend: day.bounceTrend }
      : {
          day: day.day,
          events: day.complaints,
          recipients: day.sent,
          rate: day.complaintRate,
          trend: day.complaintTrend,
        },
  )
  const limit: RateLimit = {
    rate: limitsOfAws[kind].review,
    label: `AWS reviews at ${percentShort(limitsOfAws[kind].review)}`,
    kind: 'critical',
  }
  const held = report.judging.lines[kind].critical
  const others: RateLimit[] = [{ rate: held, label: `held at ${percentShort(held)}`, kind: 'warning' }]
  const sentence = `${rateText(rate, kind, report.judging)}${trend === '' ? '' : `, ${trend}`}. ${limitText(kind, report.judging)}.`
  return h(RateChart, {
    title: rateNames[kind],
    sentence,
    events: kind === 'bounces' ? 'hard bounces' : 'complaints',
    points,
    limit,
    others,
    digits: kind === 'bounces' ? 2 : 3,
  })
}

/** `5 %`, `0.1 %` */
const percentShort = (rate: number): string => `${Number((rate * 100).toFixed(3))} %`
