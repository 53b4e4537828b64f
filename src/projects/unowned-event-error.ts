/** An event whose account or configuration set no project owns. It goes to the dead-letter queue with this error as its cause. */
export class UnownedEventError extends Error {
  override readonly name = 'UnownedEventError'
  readonly retryable = false
  readonly account: string | undefined
  readonly configurationSet: string | undefined

  constructor(facts: { account: string | undefined; configurationSet: string | undefined }) {
    const { account, configurationSet } = facts
    const set = configurationSet === undefined ? 'no configuration set' : `configuration set ${configurationSet}`
    const problem =
      account === undefined
        ? 'The event names no mail.sendingAccountId'
        : `No project owns account ${account} with ${set}`
    super(
      `${problem}. Add the project (sesame project add) or prove its connection (sesame attach), then replay the dead letters (sesame replay).`,
    )
    this.account = account
    this.configurationSet = configurationSet
  }
}
