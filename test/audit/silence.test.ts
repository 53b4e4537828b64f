import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { readTemplate } from '../../src/template/template.ts'

test.each(['AuditDashroleDashuse', 'ProveDashconnections'])(
  'an alarm reports that %s was not invoked for hours, also if CloudWatch has no data at all',
  (name) => {
    const { resources } = readTemplate({
      root: fileURLToPath(new URL('../..', import.meta.url)),
      stage: 'test',
      account: '123456789012',
      region: 'us-east-1',
      endpoint: 'http://localhost:1',
      env: {},
    })
    const alarms = [...resources.values()].filter(
      ({ Type, Properties }) =>
        Type === 'AWS::CloudWatch::Alarm' &&
        Properties.MetricName === 'Invocations' &&
        JSON.stringify(Properties.Dimensions).includes(`"${name}LambdaFunction"`),
    )
    expect(alarms.map(({ Properties }) => Properties)).toEqual([
      expect.objectContaining({
        Namespace: 'AWS/Lambda',
        Statistic: 'Sum',
        ComparisonOperator: 'LessThanThreshold',
        Threshold: 1,
        TreatMissingData: 'breaching',
        AlarmActions: [{ Ref: 'AlertsTopic' }],
      }),
    ])
  },
)
