/**
 * A rate over days, against the limit of AWS. The limit has the same height in every chart of a rate, so that charts can be compared at a glance:
 * a line in the lower half is far from the limit, whatever the unit.
 *
 * A day below the minimum volume has no rate. It is a mark on the base line, and the table has its counts.
 */
import { line } from 'd3-shape'
import { type ComponentChild, h } from 'preact'
import { dayAxis, drawing, fontSize, type Plot, plotOf, valueLine, xOf } from './axes.ts'
import { ChartFigure, chartColors } from './figure.ts'
import { countText, rateText } from './numbers.ts'

export type RatePoint = {
  /** A calendar day of UTC, `2026-03-01`. */
  readonly day: string
  readonly events: number
  readonly recipients: number
  /** Of this day alone. Absent: too few recipients to judge. */
  readonly rate?: number | undefined
  /** Of the seven days that end with this day. Absent: too few recipients to judge. */
  readonly trend?: number | undefined
}

export type RateLimit = {
  readonly rate: number
  /** What happens from there on, such as `AWS reviews at 5 %`. */
  readonly label: string
  readonly kind: 'warning' | 'critical'
}

export type RateChartProps = {
  readonly title: string
  readonly sentence: string
  /** What is counted, in the plural: `bounces`. */
  readonly events: string
  readonly points: readonly RatePoint[]
  /** The limit of AWS, which stands at a fixed height. */
  readonly limit: RateLimit
  /** Other lines, such as the one at which Sesame holds a project. */
  readonly others?: readonly RateLimit[]
  /** Pixels that the chart has. */
  readonly width?: number
  readonly height?: number
  /** Digits after the point of a percentage. */
  readonly digits?: number
}

/** The part of the height below the limit. */
const limitHeight = 0.62
const dashes = { warning: '2 4', critical: '7 4' } as const

export function RateChart(props: RateChartProps): ComponentChild {
  const { title, sentence, events, points, limit, others = [], width = 720, height = 220, digits = 2 } = props
  const days = points.map(({ day }) => day)
  const plot = plotOf(days, limit.rate / limitHeight, width, height)
  const hasRate = points.some(({ rate, trend }) => rate !== undefined || trend !== undefined)
  return h(
    ChartFigure,
    {
      title,
      sentence,
      tableLabel: `Numbers of ${points.length} days`,
      columns: [
        { heading: 'sent on' },
        { heading: 'recipients', isNumber: true },
        { heading: events, isNumber: true },
        { heading: 'rate', isNumber: true },
        { heading: 'rate of 7 days', isNumber: true },
      ],
      rows: points
        .toReversed()
        .map(({ day, events: count, recipients, rate, trend }) => [
          day,
          countText(recipients),
          countText(count),
          rate === undefined ? (recipients === 0 ? '–' : 'too few to judge') : rateText(rate, digits),
          trend === undefined ? '–' : rateText(trend, digits),
        ]),
    },
    drawing(plot, [
      valueLine(plot, 0, '0 %'),
      limitLine(plot, limit),
      ...others.map((other) => limitLine(plot, other)),
      ...dayAxis(plot, days),
      trendLine(plot, points),
      ...points.map((point) => dayMark(plot, point, limit, digits)),
      hasRate ? undefined : tooFew(plot),
    ]),
    h(
      'p',
      { class: 'chart-legend' },
      [limit, ...others]
        .toSorted((one, other) => other.rate - one.rate)
        .map(({ label, kind }) =>
          h('span', { class: `legend-${kind}` }, kind === 'critical' ? '╌╌ ' : '┄┄ ', label, ' '),
        ),
      h('span', null, '━ last 7 days  ● one day  ▏too few to judge'),
    ),
  )
}

const limitLine = (plot: Plot, { rate, kind }: RateLimit): ComponentChild =>
  h(
    'g',
    { class: 'chart-limit', 'data-rate': rate },
    h('line', {
      x1: plot.left,
      x2: plot.right,
      y1: plot.y(rate),
      y2: plot.y(rate),
      stroke: chartColors[kind],
      'stroke-width': 1.5,
      'stroke-dasharray': dashes[kind],
    }),
    h(
      'text',
      { x: plot.right + 6, y: plot.y(rate) + 5, 'font-size': fontSize, fill: chartColors[kind] },
      `${Number((rate * 100).toPrecision(3))} %`,
    ),
  )

function trendLine(plot: Plot, points: readonly RatePoint[]): ComponentChild {
  const path = line<RatePoint>()
    .defined(({ trend }) => trend !== undefined)
    .x(({ day }) => xOf(plot, day))
    .y(({ trend = 0 }) => plot.y(trend))(points)
  return h('path', {
    class: 'chart-trend',
    d: path ?? '',
    fill: 'none',
    stroke: chartColors.line,
    'stroke-width': 2.5,
    'stroke-linejoin': 'round',
    'stroke-linecap': 'round',
  })
}

/** A dot, a tick on the base line if there were too few recipients, or an arrow with the value if the rate is above the top edge. */
function dayMark(plot: Plot, { day, rate, recipients }: RatePoint, limit: RateLimit, digits: number): ComponentChild {
  const x = xOf(plot, day)
  if (rate === undefined)
    return recipients === 0
      ? undefined
      : h('line', {
          x1: x,
          x2: x,
          y1: plot.bottom - 5,
          y2: plot.bottom,
          stroke: chartColors.text,
          'stroke-width': 2,
        })
  const fill = rate >= limit.rate ? chartColors.critical : chartColors.line
  const [, most = 0] = plot.y.domain()
  if (rate <= most)
    return h('circle', { cx: x, cy: plot.y(rate), r: 3.5, fill, stroke: chartColors.background, 'stroke-width': 1 })
  const isRight = x > (plot.left + plot.right) / 2
  return h(
    'g',
    null,
    h('path', { d: `M${x} ${plot.top - 8}l6 10h-12z`, fill }),
    h(
      'text',
      {
        x: isRight ? x - 10 : x + 10,
        y: plot.top + 4,
        'text-anchor': isRight ? 'end' : 'start',
        'font-size': fontSize,
        fill,
      },
      rateText(rate, digits),
    ),
  )
}

const tooFew = (plot: Plot): ComponentChild =>
  h(
    'text',
    {
      x: (plot.left + plot.right) / 2,
      y: plot.bottom - 16,
      'text-anchor': 'middle',
      'font-size': fontSize,
      fill: chartColors.text,
    },
    'Too few recipients to judge a rate.',
  )
