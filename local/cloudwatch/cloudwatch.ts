/**
 * CloudWatch, limited to the reputation metrics of SES: one value an hour, which is that of the account now. Any other metric has no values.
 * https://docs.aws.amazon.com/ses/latest/dg/reputationdashboard-cloudwatch-alarm.html
 */
import * as v from 'valibot'
import type { Service } from '../service.ts'
import type { Ses } from '../ses/ses.ts'
import { readInput } from '../wire/input.ts'

const input = v.object({
  StartTime: v.date(),
  EndTime: v.date(),
  MetricDataQueries: v.array(
    v.object({
      Id: v.string(),
      MetricStat: v.object({
        Metric: v.object({
          Namespace: v.string(),
          MetricName: v.string(),
          Dimensions: v.optional(v.array(v.unknown()), []),
        }),
        Period: v.number(),
        Stat: v.string(),
      }),
    }),
  ),
})

/** @param ses whose accounts have the rates */
export function createCloudWatch(ses: Pick<Ses, 'account'>): Service {
  const rateOf = (name: string, account: string, region: string) => {
    const { bounceRate, complaintRate } = ses.account(account, region).reputation
    return { 'Reputation.BounceRate': bounceRate, 'Reputation.ComplaintRate': complaintRate }[name]
  }
  return {
    operations: {
      GetMetricData(call) {
        const { MetricDataQueries, EndTime } = readInput(input, call, 'ValidationError')
        return {
          MetricDataResults: MetricDataQueries.map(({ Id, MetricStat: { Metric, Period } }) => {
            const isOfSes = Metric.Namespace === 'AWS/SES' && Metric.Dimensions.length === 0
            const value = isOfSes ? rateOf(Metric.MetricName, call.account, call.region) : undefined
            const periodMs = Period * 1_000
            const last = new Date(Math.floor((EndTime.getTime() - 1) / periodMs) * periodMs)
            return {
              Id,
              Label: Metric.MetricName,
              StatusCode: 'Complete',
              Timestamps: value === undefined ? [] : [last],
              Values: value === undefined ? [] : [value],
            }
          }),
          Messages: [],
        }
      },
    },
  }
}
