/** How a list has grown: its length at the end of each day as an area, and what was added on each day in the table. */
import { area, line } from 'd3-shape'
import { type ComponentChild, h } from 'preact'
import { dayAxis, drawing, plotOf, valueLine, xOf } from './axes.ts'
import { ChartFigure, chartColors } from './figure.ts'
import { countText } from './numbers.ts'

export type GrowthPoint = {
  /** A calendar day of UTC, `2026-03-01`. */
  readonly day: string
  /** Entries at the end of the day. */
  readonly total: number
  /** Entries that were added on the day. */
  readonly added: number
}

export type GrowthChartProps = {
  readonly title: string
  readonly sentence: string
  readonly points: readonly GrowthPoint[]
  /** Pixels that the chart has. */
  readonly width?: number
  readonly height?: number
}

export function GrowthChart({ title, sentence, points, width = 720, height = 160 }: GrowthChartProps): ComponentChild {
  const days = points.map(({ day }) => day)
  const most = Math.max(1, ...points.map(({ total }) => total))
  const plot = plotOf(days, most * 1.1, width, height)
  const x = ({ day }: GrowthPoint) => xOf(plot, day)
  const y = ({ total }: GrowthPoint) => plot.y(total)
  return h(
    ChartFigure,
    {
      title,
      sentence,
      tableLabel: `Numbers of ${points.length} days`,
      columns: [{ heading: 'day' }, { heading: 'added', isNumber: true }, { heading: 'on the list', isNumber: true }],
      rows: points.toReversed().map(({ day, added, total }) => [day, countText(added), countText(total)]),
    },
    drawing(plot, [
      valueLine(plot, 0, '0'),
      valueLine(plot, most, countText(most)),
      ...dayAxis(plot, days),
      h('path', { d: area<GrowthPoint>().x(x).y0(plot.bottom).y1(y)(points) ?? '', fill: chartColors.area }),
      h('path', {
        d: line<GrowthPoint>().x(x).y(y)(points) ?? '',
        fill: 'none',
        stroke: chartColors.line,
        'stroke-width': 2.5,
      }),
    ]),
  )
}
