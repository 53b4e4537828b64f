/**
 * A log line of numbers that CloudWatch also keeps as metrics: the embedded metric format. It needs neither a call nor a permission, and an
 * alarm on such a metric needs no filter of the log.
 *
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
/** The namespace that infra/alarms.yml names. */
const metricNamespace = 'Sesame'

/** @param functionName its name in AWS, the dimension of the metrics */
export function metricLineOf(numbers: Readonly<Record<string, number>>, functionName: string, now: Date): string {
  return JSON.stringify({
    ...numbers,
    FunctionName: functionName,
    _aws: {
      Timestamp: now.getTime(),
      CloudWatchMetrics: [
        {
          Namespace: metricNamespace,
          Dimensions: [['FunctionName']],
          Metrics: Object.keys(numbers).map((Name) => ({ Name, Unit: 'Count' })),
        },
      ],
    },
  })
}
