/** The charts at the width that they have. */
import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import { GrowthChart, type GrowthPoint } from '../../../src/charts/growth-chart.ts'
import { RateChart } from '../../../src/charts/rate-chart.ts'
import type { Series } from '../../../src/dashboard/answers.ts'

function useWidth() {
  const element = useRef<HTMLDivElement>(null)
  const [width, setWidth] = useState(0)
  useLayoutEffect(() => {
    const { current } = element
    if (!current) return
    setWidth(current.clientWidth)
    const observer = new ResizeObserver(() => setWidth(current.clientWidth))
    observer.observe(current)
    return () => observer.disconnect()
  }, [])
  return { element, width }
}

const limits = {
  bounces: {
    limit: { rate: 0.05, label: 'AWS reviews at 5 %', kind: 'critical' },
    others: [{ rate: 0.04, label: 'Sesame acts at 4 %', kind: 'warning' }],
    digits: 2,
    title: 'Bounce rate',
  },
  complaints: {
    limit: { rate: 0.001, label: 'AWS reviews at 0.1 %', kind: 'critical' },
    others: [{ rate: 0.000_8, label: 'Sesame acts at 0.08 %', kind: 'warning' }],
    digits: 3,
    title: 'Complaint rate',
  },
} as const

type Kind = keyof typeof limits

export function Rates({ kind, series, of }: { kind: Kind; series: Series; of?: string | undefined }) {
  const { element, width } = useWidth()
  const { limit, others, digits, title } = limits[kind]
  return (
    <div ref={element} class="chart-frame">
      {width > 0 && (
        <RateChart
          title={`${title}${of === undefined ? '' : ` of ${of}`}, 30 days.`}
          sentence={sentenceOf(kind, series[kind])}
          events={kind}
          points={series[kind]}
          limit={limit}
          others={others}
          digits={digits}
          width={width}
        />
      )}
    </div>
  )
}

const verbs = { bounces: 'bounced', complaints: 'complained' } as const

function sentenceOf(kind: Kind, points: Series[Kind]): string {
  const digits = kind === 'bounces' ? 2 : 3
  const known = points.flatMap(({ day, rate }) => (rate === undefined ? [] : [{ day, rate }]))
  if (known.length === 0) {
    const events = points.reduce((sum, one) => sum + one.events, 0)
    const recipients = points.reduce((sum, one) => sum + one.recipients, 0)
    return `${events.toLocaleString('en-US')} of ${recipients.toLocaleString('en-US')} recipients ${verbs[kind]}; on no day were there enough to judge a rate.`
  }
  const highest = known.reduce((most, one) => (one.rate > most.rate ? one : most))
  const last = points.at(-1)
  const trend = last?.trend === undefined ? '' : `${(last.trend * 100).toFixed(digits)} % in the last 7 days; `
  return `${trend}the highest day was ${highest.day} with ${(highest.rate * 100).toFixed(digits)} %.`
}

export function Growth({ points, sentence }: { points: readonly GrowthPoint[]; sentence: string }) {
  const { element, width } = useWidth()
  return (
    <div ref={element} class="chart-frame">
      {width > 0 && (
        <GrowthChart title="Suppression list, 30 days." sentence={sentence} points={points} width={width} />
      )}
    </div>
  )
}
