import { h } from 'preact'
import { render } from 'preact-render-to-string'
import { describe, expect, test } from 'vitest'
import { GrowthChart } from '../../src/charts/growth-chart.ts'
import { RateChart, type RateChartProps } from '../../src/charts/rate-chart.ts'

const days = Array.from({ length: 30 }, (_, index) => `2026-03-${String(index + 1).padStart(2, '0')}`)
const props: RateChartProps = {
  title: 'Bounce rate',
  sentence: '0.40 % of 48,000 recipients bounced.',
  events: 'bounces',
  points: days.map((day) => ({ day, events: 6, recipients: 1_500, rate: 0.004, trend: 0.004 })),
  limit: { rate: 0.05, label: 'AWS reviews at 5 %', kind: 'critical' },
  others: [{ rate: 0.04, label: 'held at 4 %', kind: 'warning' }],
}
const rateChart = (changes: Partial<RateChartProps>) => render(h(RateChart, { ...props, ...changes }))

/** The height of a limit line in the drawing. */
const heightOf = (html: string, rate: number) =>
  Number(new RegExp(`data-rate="${rate}"><line [^>]*y1="([\\d.]+)"`).exec(html)?.[1])

describe('a rate chart', () => {
  test('is a figure with a sentence, and has every number in a table', () => {
    const html = rateChart({})
    expect(html).toMatch(/^<figure class="chart"><figcaption/)
    expect(html).toContain(props.sentence)
    expect(html.match(/<th scope="row">/g)).toHaveLength(30)
    expect(html.match(/<th scope="col"/g)).toHaveLength(5)
    expect(html).toMatch(/<th scope="row">2026-03-30<\/th><td class="number">1,500<\/td><td class="number">6<\/td>/)
    expect(html).toContain('AWS reviews at 5 %')
  })

  test('has the limit at the same height, whatever the limit and the values', () => {
    const complaints = { rate: 0.001, label: 'AWS reviews at 0.1 %', kind: 'critical' } as const
    const heights = [
      heightOf(rateChart({}), 0.05),
      heightOf(rateChart({ limit: complaints, others: [] }), 0.001),
      heightOf(rateChart({ points: props.points.map((point) => ({ ...point, rate: 0.2, trend: 0.2 })) }), 0.05),
    ]
    expect(heights[0]).toBeGreaterThan(0)
    expect(new Set(heights).size).toBe(1)
    expect(heightOf(rateChart({}), 0.04)).toBeGreaterThan(heights[0] ?? 0)
  })

  test('shows no percentage of a day with too few recipients, but its counts', () => {
    const html = rateChart({ points: days.map((day) => ({ day, events: 2, recipients: 13 })) })
    expect(html).toContain('Too few recipients to judge a rate.')
    expect(html).toContain(
      '<td class="number">13</td><td class="number">2</td><td class="number">too few to judge</td>',
    )
    expect(html).not.toMatch(/<td[^>]*>[\d.]+ %</)
  })

  test('says the value of a day that is above its top edge', () => {
    const [first, ...rest] = props.points
    const high = { day: first?.day ?? '', events: 300, recipients: 1_500, rate: 0.2 }
    expect(rateChart({ points: [high, ...rest] })).toContain('>20.00 %</text>')
    expect(rateChart({})).not.toContain('>20.00 %</text>')
  })

  test('writes a text from outside as text', () => {
    const html = rateChart({ title: '<img src=x onerror=alert(1)>' })
    expect(html).not.toContain('<img')
    expect(html).toContain('&lt;img')
  })
})

describe('a growth chart', () => {
  test('has the length of the list and the additions of each day in its table', () => {
    const points = days.map((day, index) => ({ day, added: 3, total: 1_000 + index * 3 }))
    const html = render(h(GrowthChart, { title: 'List', sentence: '1,087 addresses.', points }))
    expect(html).toContain('<td class="number">3</td><td class="number">1,087</td>')
    expect(html).not.toContain('NaN')
  })

  test('draws an empty list', () => {
    const points = days.map((day) => ({ day, added: 0, total: 0 }))
    expect(render(h(GrowthChart, { title: 'List', sentence: 'No address.', points }))).not.toContain('NaN')
  })
})
