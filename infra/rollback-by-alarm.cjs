/**
 * Plugin of the Serverless Framework: lets CloudFormation roll a deployment back by itself if an alarm of the stack is raised while it deploys,
 * or within some minutes afterwards.
 *
 * CloudFormation refuses a deployment that names an alarm that does not exist, as before the first one, and rolls back at once if an alarm is
 * raised already, even if the deployment is its repair. So the plugin asks CloudWatch first, and names the alarms that exist and are not raised.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-rollback-triggers.html
 */

/** CloudFormation takes five at most: those that say that new code cannot do its work. */
const alarms = [
  'record-bounce-errors',
  'record-complaint-errors',
  'record-feedback-errors',
  'propagate-suppression-errors',
  'api-errors',
]

const usualMinutes = '5'

module.exports = class RollbackByAlarm {
  constructor(serverless, _options, { log } = {}) {
    const watch = async () => {
      const text = process.env.SESAME_ROLLBACK_MINUTES || usualMinutes
      const minutes = Number(text)
      if (!/^\d{1,3}$/.test(text) || minutes > 180)
        throw new serverless.classes.Error(
          `SESAME_ROLLBACK_MINUTES must be a number from 0 to 180, not ${JSON.stringify(text)}. 0 turns the rollback by alarm off.`,
          'INVALID_ROLLBACK_MINUTES',
        )
      if (minutes === 0) return
      const provider = serverless.getProvider('aws')
      const AlarmNames = alarms.map((name) => `sesame-${provider.getStage()}-${name}`)
      // A dependency of the framework, which packages need not load.
      const { CloudWatchClient, DescribeAlarmsCommand } = require(
        require.resolve('@aws-sdk/client-cloudwatch', { paths: [require.resolve('serverless/package.json')] }),
      )
      const cloudWatch = new CloudWatchClient(await provider.getAwsSdkV3Config())
      const { MetricAlarms = [] } = await cloudWatch.send(new DescribeAlarmsCommand({ AlarmNames }))
      const [raised, quiet] = [true, false].map((isRaised) =>
        MetricAlarms.filter(({ StateValue }) => (StateValue === 'ALARM') === isRaised),
      )
      for (const { AlarmName } of raised)
        log?.warning(`${AlarmName} is raised already, so it does not roll this deployment back.`)
      if (quiet.length === 0) return
      serverless.service.provider.rollbackConfiguration = {
        RollbackTriggers: quiet.map(({ AlarmArn }) => ({ Arn: AlarmArn, Type: 'AWS::CloudWatch::Alarm' })),
        MonitoringTimeInMinutes: minutes,
      }
      log?.notice(`CloudFormation rolls back if one of ${quiet.length} alarms is raised within ${minutes} minutes.`)
    }
    // The deployment then creates its change set, or updates the stack.
    this.hooks = { 'before:aws:deploy:deploy:updateStack': watch }
  }
}
