import { fileURLToPath } from 'node:url'
import * as v from 'valibot'
import { expect, test } from 'vitest'
import { metricNames } from '../../../src/lambda/metric-line.ts'
import { readTemplate } from '../../../src/template/template.ts'

const template = readTemplate({
  root: fileURLToPath(new URL('../../..', import.meta.url)),
  stage: 'test',
  account: '123456789012',
  region: 'us-east-1',
  endpoint: 'http://localhost:1',
  env: {},
})
const ofType = (type: string) => [...template.resources.values()].filter(({ Type }) => Type === type)

const Body = v.object({
  widgets: v.array(
    v.object({
      type: v.literal('metric'),
      x: v.number(),
      y: v.number(),
      width: v.number(),
      height: v.number(),
      properties: v.object({
        title: v.pipe(v.string(), v.minLength(1)),
        region: v.literal('us-east-1'),
        metrics: v.array(v.array(v.unknown())),
      }),
    }),
  ),
})

/** The names of our own metrics in a value, however deep. */
const ownMetricsIn = (value: unknown): string[] => {
  if (Array.isArray(value) && value[0] === 'Sesame') return [String(value[1])]
  if (Array.isArray(value)) return value.flatMap(ownMetricsIn)
  if (typeof value !== 'object' || value === null) return []
  if (Reflect.get(value, 'Namespace') === 'Sesame') return [String(Reflect.get(value, 'MetricName'))]
  return Object.values(value).flatMap(ownMetricsIn)
}

const dashboard = () => {
  const [found] = ofType('AWS::CloudWatch::Dashboard')
  const { DashboardName, DashboardBody } = found?.Properties ?? {}
  return {
    name: template.resolve(DashboardName),
    body: v.parse(Body, JSON.parse(String(template.resolve(DashboardBody)))),
  }
}

test('the stack has one dashboard, named for stage and region, whose widgets neither overlap nor lack a title', () => {
  const { name, body } = dashboard()
  expect(name).toBe('sesame-test-us-east-1')
  expect(ofType('AWS::CloudWatch::Dashboard')).toHaveLength(1)
  const cells = body.widgets.map(({ x, y }) => `${x} ${y}`)
  expect(new Set(cells).size).toBe(cells.length)
  expect(body.widgets.every(({ x, width }) => x + width <= 24)).toBe(true)
})

test('the stack has at most twelve metrics of its own, and dashboard and alarms name no other and together most of them', () => {
  const shown = ownMetricsIn(dashboard().body)
  const watched = ofType('AWS::CloudWatch::Alarm').flatMap(({ Properties }) => ownMetricsIn(Properties))
  const known: readonly string[] = metricNames
  expect(known.length).toBeLessThanOrEqual(12)
  expect([...shown, ...watched].filter((name) => !known.includes(name))).toEqual([])
  expect(new Set([...shown, ...watched]).size).toBeGreaterThanOrEqual(8)
})

test('an alarm on an expression has no period, statistic or metric of its own, which CloudFormation would reject', () => {
  const onExpressions = ofType('AWS::CloudWatch::Alarm').filter(({ Properties }) => Properties.Metrics !== undefined)
  expect(onExpressions).toHaveLength(2)
  for (const { Properties } of onExpressions)
    expect(
      Object.keys(Properties).filter((name) => ['Period', 'Statistic', 'MetricName', 'Namespace'].includes(name)),
    ).toEqual([])
})
