/** The scales and the axes that charts over days share. Text has its real size, so a chart is drawn for the width that it has. */
import { type ScaleLinear, type ScalePoint, scaleLinear, scalePoint } from 'd3-scale'
import { type ComponentChild, h } from 'preact'
import { chartColors } from './figure.ts'
import { dayText } from './numbers.ts'

export const fontSize = 14

export type Plot = {
  readonly width: number
  readonly height: number
  readonly left: number
  readonly right: number
  readonly top: number
  readonly bottom: number
  readonly x: ScalePoint<string>
  readonly y: ScaleLinear<number, number>
}

/** The narrowest chart whose labels do not overlap. */
const minimumWidth = 260
const margin = { left: 8, right: 60, top: 12, bottom: 28 }

/** @param most the value at the top edge */
export function plotOf(days: readonly string[], most: number, width: number, height: number): Plot {
  const wide = Math.max(width, minimumWidth)
  const edges = { left: margin.left, right: wide - margin.right, top: margin.top, bottom: height - margin.bottom }
  const x = scalePoint<string>().domain(days).range([edges.left, edges.right]).padding(0.5)
  const y = scaleLinear().domain([0, most]).range([edges.bottom, edges.top]).clamp(true)
  return { width: wide, height, ...edges, x, y }
}

export const xOf = ({ x, left }: Plot, day: string): number => x(day) ?? left

/** About one label for each 90 pixels, and always the last day. */
export function dayAxis(plot: Plot, days: readonly string[]): ComponentChild[] {
  const every = Math.max(1, Math.ceil(days.length / Math.max(2, Math.floor((plot.right - plot.left) / 90))))
  return days.flatMap((day, index) =>
    (days.length - 1 - index) % every === 0
      ? [
          h(
            'text',
            {
              x: xOf(plot, day),
              y: plot.height - 8,
              'text-anchor': 'middle',
              'font-size': fontSize,
              fill: chartColors.text,
            },
            dayText(day),
          ),
        ]
      : [],
  )
}

/** A horizontal line over the whole plot with its value beside it. */
export const valueLine = (plot: Plot, value: number, label: string): ComponentChild =>
  h(
    'g',
    null,
    h('line', {
      x1: plot.left,
      x2: plot.right,
      y1: plot.y(value),
      y2: plot.y(value),
      stroke: chartColors.grid,
      'stroke-width': 1,
    }),
    h('text', { x: plot.right + 6, y: plot.y(value) + 5, 'font-size': fontSize, fill: chartColors.text }, label),
  )

/** The drawing. Its size is real pixels; a narrower page shrinks it. */
export const drawing = (plot: Plot, children: ComponentChild[]): ComponentChild =>
  h(
    'svg',
    {
      class: 'chart-drawing',
      viewBox: `0 0 ${plot.width} ${plot.height}`,
      width: plot.width,
      height: plot.height,
      'aria-hidden': 'true',
      focusable: 'false',
      'font-family': 'inherit',
    },
    children,
  )
