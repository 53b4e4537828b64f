import { expect, test } from 'vitest'
import { metricLineOf } from '../../src/lambda/metric-line.ts'

test('a line of metrics has the embedded metric format: its metrics, one dimension, and facts that are no metrics', () => {
  const line = metricLineOf({ ProjectsHeld: 2, EventsCounted: 7 }, 'sesame-dev-x', new Date(1_700_000_000_000), {
    other: 1,
  })
  expect(JSON.parse(line)).toEqual({
    other: 1,
    ProjectsHeld: 2,
    EventsCounted: 7,
    FunctionName: 'sesame-dev-x',
    _aws: {
      Timestamp: 1_700_000_000_000,
      CloudWatchMetrics: [
        {
          Namespace: 'Sesame',
          Dimensions: [['FunctionName']],
          Metrics: [
            { Name: 'ProjectsHeld', Unit: 'Count' },
            { Name: 'EventsCounted', Unit: 'Count' },
          ],
        },
      ],
    },
  })
})
