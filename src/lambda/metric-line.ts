/**
 * A log line of numbers that CloudWatch also keeps as metrics: the embedded metric format. It needs neither a call nor a permission, and an
 * alarm on such a metric needs no filter of the log.
 *
 * A metric costs 0.30 USD a month for each set of dimensions. So the only dimension is the function, and no metric belongs to a project: its numbers
 * are in the counts table.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
/** The namespace that infra/alarms.yml and infra/dashboard.yml name. */
const metricNamespace = 'Sesame'

/** All metrics of a stack: twelve at most. */
export const metricNames = [
  /** Proofs that prove-connections had no time for. */
  'left',
  'SilentFeeds',
  'EventsRecorded',
  'DaysSealed',
  'EventsCounted',
  'DaysNotSealed',
  'ProjectsHeld',
  'ProjectsWarned',
  'ProjectsNotJudged',
  'Recipients24h',
  'HardBounces24h',
  'Complaints24h',
] as const
export type MetricName = (typeof metricNames)[number]

/**
 * @param metrics numbers that are kept as metrics
 * @param functionName its name in AWS, the dimension of the metrics
 * @param facts what the line says besides
 */
export function metricLineOf(
  metrics: Readonly<Partial<Record<MetricName, number>>>,
  functionName: string,
  now: Date,
  facts: Readonly<Record<string, number>> = {},
): string {
  return JSON.stringify({
    ...facts,
    ...metrics,
    FunctionName: functionName,
    _aws: {
      Timestamp: now.getTime(),
      CloudWatchMetrics: [
        {
          Namespace: metricNamespace,
          Dimensions: [['FunctionName']],
          Metrics: Object.keys(metrics).map((Name) => ({ Name, Unit: 'Count' })),
        },
      ],
    },
  })
}
