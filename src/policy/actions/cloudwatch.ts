/**
 * CloudWatch: reading metrics, which IAM authorises for all metrics of the account or none.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatch.html
 */
import * as v from 'valibot'
import { type Entry, entry } from './entry.ts'

export const cloudwatch: Readonly<Record<string, Entry>> = {
  GetMetricData: entry(['cloudwatch:GetMetricData'], v.unknown(), (_, { account }) => [
    { action: 'cloudwatch:GetMetricData', resource: '*', resourceAccount: account, context: {} },
  ]),
}
