/**
 * Plugin of the Serverless Framework: refuses a stage whose name the stack's permissions could not keep apart from other stages, before
 * anything is packaged or deployed. Such a stage of an earlier version can still be inspected and removed.
 *
 * Permissions name resources by prefix, `sesame-STAGE-*`. With a hyphen in the name, the stage `prod` would reach all of `prod-eu`. Names of
 * buckets have lower case only, and `sesame-STAGE-ap-southeast-1-configuration-management` must fit into the 64 characters of a role's name.
 */
const pattern = /^[a-z0-9]{1,17}$/

module.exports = class StageName {
  constructor(serverless) {
    const check = () => {
      const stage = serverless.getProvider('aws').getStage()
      if (!pattern.test(stage))
        throw new serverless.classes.Error(
          `The stage ${JSON.stringify(stage)} must be 1 to 17 of a-z and 0-9. Choose another name; how to leave a stage with a hyphen: docs/deployment.md#stages`,
          'INVALID_STAGE_NAME',
        )
    }
    this.hooks = { 'before:package:cleanup': check, 'before:deploy:function:initialize': check }
  }
}
